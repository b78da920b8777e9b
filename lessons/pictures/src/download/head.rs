//! What the head of a response says: whether its body is what was asked for, and how long it is.

use std::time::SystemTime;

use ureq::http::header;
use ureq::http::response::Parts;

use super::fault::Fault;
use super::retry;

/// The length of the body in bytes, if the server says it.
pub(super) fn announced(head: &Parts) -> Option<u64> {
    head.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// The same for the final response; an error if its status says that the body is not what was asked
/// for, or only part of it.
pub(super) fn size(head: &Parts) -> Result<Option<u64>, Fault> {
    let part = |range: &str| Fault::Part(range.to_owned());
    match head.status.as_u16() {
        204 | 205 => Err(Fault::from_status(head.status)),
        206 => {
            let range =
                head.headers.get(header::CONTENT_RANGE).and_then(|range| range.to_str().ok());
            let range = range.ok_or_else(|| part("it does not say which"))?;
            whole_size(range).map(Some).ok_or_else(|| part(range))
        }
        200..300 => Ok(announced(head)),
        _ => {
            let retry_after = head.headers.get(header::RETRY_AFTER);
            let retry_after = retry_after
                .and_then(|value| retry::retry_after(value.to_str().ok()?, SystemTime::now()));
            Err(Fault::Status { status: head.status, retry_after })
        }
    }
}

/// The size of the file, if this range is all of it: `bytes 0-99/100`.
fn whole_size(range: &str) -> Option<u64> {
    let (first, rest) = range.trim().strip_prefix("bytes")?.trim().split_once('-')?;
    let (last, size) = rest.split_once('/')?;
    let size: u64 = size.trim().parse().ok()?;
    (first.trim() == "0" && last.trim().parse::<u64>().ok()?.checked_add(1)? == size)
        .then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_the_whole_or_part_of_it() {
        for (range, size) in [
            ("bytes 0-99/100", Some(100)),
            ("bytes 0-0/1", Some(1)),
            ("bytes 0-98/100", None),
            ("bytes 1-99/100", None),
            ("bytes 0-99/*", None),
            ("bytes */100", None),
            ("items 0-99/100", None),
            ("bytes 0-18446744073709551615/18446744073709551615", None),
            ("", None),
        ] {
            assert_eq!(whole_size(range), size, "{range}");
        }
    }
}
