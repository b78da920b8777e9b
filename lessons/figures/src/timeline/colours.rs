//! The colours of bars.

use std::collections::BTreeSet;

use hands::timeline::Trace;

use crate::sheet::COLOURS;

/// Gives the first word of each span its colour. A word has the same colour in every picture,
/// unless another word in this picture has it already.
pub(super) fn kinds(trace: &Trace) -> Vec<(&str, usize)> {
    let words: BTreeSet<&str> = trace.spans().iter().map(|span| first_word(&span.name)).collect();
    let few = words.len() <= COLOURS;
    let mut used = [false; COLOURS];
    let mut kinds = Vec::with_capacity(words.len());
    for word in words {
        // FNV-1a
        let hash = word.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut colour = (hash >> 49) as usize % COLOURS;
        while few && used[colour] {
            colour = (colour + 1) % COLOURS;
        }
        used[colour] = true;
        kinds.push((word, colour));
    }
    kinds
}

pub(super) fn first_word(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or("")
}
