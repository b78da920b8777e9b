//! The news that a chunk was cancelled.
//!
//! It is a frame of its own, and overtakes the chunks that the worker has been sent but not begun.

/// How long the frame is. No chunk is as short.
const LENGTH: u32 = 8;

/// Tells the worker that its chunk of this number was cancelled. Each worker's chunks are counted
/// from 0.
pub(crate) fn put_cancel(chunk: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(&LENGTH.to_le_bytes());
    out.extend_from_slice(&chunk.to_le_bytes());
}

/// The chunk that is cancelled by this frame, which has its length before it. `None` if it's
/// another frame.
pub(in crate::process) fn cancelled_by(frame: &[u8]) -> Option<u64> {
    frame.get(4..)?.try_into().ok().map(u64::from_le_bytes)
}
