//! Names: their order, and cut to the room that a picture has for them.

/// A key that sorts rows by name and number: `worker 10` comes after `worker 9`.
///
/// ```
/// use hands::timeline::row_order;
///
/// let mut names = ["worker 10", "main", "worker 9"];
/// names.sort_by_key(|name| row_order(name));
/// assert_eq!(names, ["main", "worker 9", "worker 10"]);
/// ```
pub fn row_order(name: &str) -> (&str, u64) {
    let text = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (text, name[text.len()..].parse().unwrap_or(0))
}

/// Names that are at most `width` letters long. A longer one loses letters in the middle, because
/// its end tells it from its neighbours: `host-1 do… 12`. Names that differ stay different: if they
/// need more letters for that, all may have more.
///
/// ```
/// use hands::timeline::row_labels;
///
/// assert_eq!(row_labels(&["main", "north download 10"], 12), ["main", "north do… 10"]);
/// ```
pub fn row_labels<S: AsRef<str>>(names: &[S], width: usize) -> Vec<String> {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let count = |mut labels: Vec<String>| {
        labels.sort_unstable();
        labels.dedup();
        labels.len()
    };
    let different = count(names.iter().map(|&name| name.to_owned()).collect());
    let cut = |width| names.iter().map(|name| shortened(name, width)).collect::<Vec<_>>();
    (width..longest)
        .map(cut)
        .find(|labels| count(labels.clone()) == different)
        .unwrap_or_else(|| names.iter().map(|&name| name.to_owned()).collect())
}

/// The name without letters from its middle. Its last word stays.
fn shortened(name: &str, width: usize) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= width {
        return name.to_owned();
    }
    let last_word = letters.iter().rev().take_while(|letter| **letter != ' ').count() + 1;
    let kept = if last_word + 2 <= width { last_word } else { width / 2 };
    let begin = width.saturating_sub(kept + 1);
    let end = &letters[letters.len() - kept.min(letters.len())..];
    letters[..begin].iter().chain(['…'].iter()).chain(end).collect()
}

/// What a bar says that has room for `room` letters: all of the span's name; or what follows its
/// first word, which the bar's colour says as well; or nothing. A name is never cut.
///
/// ```
/// use hands::timeline::bar_label;
///
/// assert_eq!(bar_label("process cat.png", 20), "process cat.png");
/// assert_eq!(bar_label("process cat.png", 10), "cat.png");
/// assert_eq!(bar_label("process cat.png", 4), "cat");
/// assert_eq!(bar_label("process cat.png", 2), "");
/// ```
pub fn bar_label(name: &str, room: usize) -> &str {
    let rest = name.split_once(' ').map_or("", |(_, rest)| rest);
    let stem = rest.rsplit_once('.').map_or("", |(stem, _)| stem);
    // A number's decimals are no file's extension.
    let stem = if rest.parse::<f64>().is_ok() { "" } else { stem };
    let fits = |label: &&str| label.chars().count() <= room;
    [name, rest, stem].into_iter().find(fits).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_workers_of_two_hosts_keep_their_numbers() {
        let names: Vec<String> = ["host-1", "host-2"]
            .iter()
            .flat_map(|host| (1..=12).map(move |n| format!("{host} download {n}")))
            .collect();
        let labels = row_labels(&names, 16);
        assert_eq!([&*labels[0], &*labels[11]], ["host-1 downlo… 1", "host-1 downl… 12"]);
        assert_eq!(labels[12], "host-2 downlo… 1");
    }

    proptest! {
        #[test]
        fn names_that_differ_stay_different(names: Vec<String>, width in 0usize..20) {
            let labels = row_labels(&names, width);
            for (a, one) in names.iter().enumerate() {
                for (b, other) in names.iter().enumerate() {
                    prop_assert_eq!(one == other, labels[a] == labels[b]);
                }
            }
        }

        #[test]
        fn a_label_is_a_part_of_the_name_that_fits(name: String, room in 0usize..20) {
            let label = bar_label(&name, room);
            prop_assert!(label.chars().count() <= room && name.contains(label));
        }
    }
}
