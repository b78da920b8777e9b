//! What the head of an answer says: whether its body is what was asked for, and how long that is.

use std::time::SystemTime;

use ureq::http::header;
use ureq::http::response::Parts;

use super::fault::Fault;
use super::retry;

/// How many bytes the body will have, if the server says so.
pub(super) fn announced(head: &Parts) -> Option<u64> {
    head.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// The same for an answer that brings what was asked for: an error if its status says that it does not, or not
/// all of it.
pub(super) fn size(head: &Parts) -> Result<Option<u64>, Fault> {
    let part = |what: &str| Fault::Part(what.to_owned());
    match head.status.as_u16() {
        204 | 205 => Err(Fault::of(head.status)),
        206 => {
            let range =
                head.headers.get(header::CONTENT_RANGE).and_then(|range| range.to_str().ok());
            let range = range.ok_or_else(|| part("it does not say which"))?;
            whole_of(range).map(Some).ok_or_else(|| part(range))
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

/// The size of a file whose range this is, if the range is all of it: `bytes 0-99/100`.
fn whole_of(range: &str) -> Option<u64> {
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
    fn a_range_is_the_whole_or_a_part() {
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
            assert_eq!(whole_of(range), size, "{range}");
        }
    }
}
