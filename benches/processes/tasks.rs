//! The tasks that every contender does, and how many of them.

use hands::process::Task;
use serde_bytes::ByteBuf;

pub(crate) const WORKERS: usize = 2;
pub(crate) const CALLS: u64 = 50_000;
pub(crate) const BLOCKS: u64 = 400;
pub(crate) const BLOCK: usize = 1 << 20;
pub(crate) const STARTED: usize = 8;
pub(crate) const MANY: u64 = 10_000_000;

pub(crate) const SAME: Task<u64, u64> = Task::new("same", same);
pub(crate) const FIRST_BYTE: Task<ByteBuf, u8> = Task::new("first_byte", first_byte);

/// The task that does nothing.
pub(crate) fn same(number: u64) -> u64 {
    number
}

/// The task with a large argument.
pub(crate) fn first_byte(block: ByteBuf) -> u8 {
    block[0]
}

/// The large arguments. Each is a new copy, made just when it is needed, as in processes.py.
pub(crate) fn new_blocks() -> impl Iterator<Item = Vec<u8>> {
    let mut block = vec![0; BLOCK];
    first_bytes().map(move |byte| {
        block[0] = byte as u8;
        block.clone()
    })
}

pub(crate) fn first_bytes() -> impl Iterator<Item = u64> {
    (0..BLOCKS).map(|number| number % 256)
}
