//! Which colour a word has.

use std::collections::BTreeSet;

use crate::sheet::COLOURS;

/// What the book's steps do, by its colour. A colour stands for a kind of action, and a word has
/// the same one in all pictures. Words that may be in one picture have different colours.
const KNOWN: [&[&str]; COLOURS] = [
    &["sleep", "wait"],
    &["download", "request", "requests"],
    &["compute", "computing", "process", "list", "step", "sum", "task", "use", "Mutex"],
    &["save", "fetch_add", "rayon"],
    &["setup", "map", "greet", "read"],
    &["send", "alone"],
];

/// These words, sorted, each with its colour: that of the book, or one that follows from the
/// letters of the word. A word that isn't the book's makes room if another one in this picture has
/// its colour.
pub(crate) fn hues<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<(&'a str, usize)> {
    let words: BTreeSet<&str> = words.into_iter().collect();
    let known = |word: &str| KNOWN.iter().position(|known| known.contains(&word));
    let few = words.len() <= COLOURS;
    let mut used = [false; COLOURS];
    words.iter().filter_map(|word| known(word)).for_each(|colour| used[colour] = true);
    let mut hues = Vec::with_capacity(words.len());
    for word in words {
        let colour = known(word).unwrap_or_else(|| {
            let mut colour = hash(word);
            while few && used[colour] && !used.iter().all(|used| *used) {
                colour = (colour + 1) % COLOURS;
            }
            colour
        });
        used[colour] = true;
        hues.push((word, colour));
    }
    hues
}

/// The word of a span's name that has its colour.
pub(crate) fn first_word(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or("").trim_end_matches([',', ';', ':'])
}

/// FNV-1a, as a colour.
fn hash(word: &str) -> usize {
    let hash = word.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash >> 49) as usize % COLOURS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colours(words: &[&str]) -> BTreeSet<usize> {
        hues(words.iter().copied()).into_iter().map(|(_, colour)| colour).collect()
    }

    #[test]
    fn two_words_in_one_picture_never_share_a_colour() {
        for words in [
            &["sleep", "compute"][..],
            &["sleep", "greet"],
            &["send", "use"],
            &["read", "fetch_add", "Mutex"],
            &["wait", "sum"],
            &["map", "step"],
            &["download", "process", "save", "setup", "alone"],
            &["download", "gray", "blur", "thumbnail", "save", "sleep"],
        ] {
            assert_eq!(colours(words).len(), words.len(), "{words:?}");
        }
    }

    #[test]
    fn the_words_of_the_book_keep_their_colour_whatever_is_beside_them() {
        for (colour, words) in KNOWN.iter().enumerate() {
            for word in *words {
                let beside = hues(["blur", "gray", "thumbnail", word, "report"]);
                assert!(beside.contains(&(word, colour)), "{word}: {beside:?}");
            }
        }
    }
}
