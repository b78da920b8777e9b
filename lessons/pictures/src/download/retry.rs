//! When to ask again, and how long to wait before.

use std::time::{Duration, SystemTime};

/// The wait before try number `next` (2 for the first repetition): `first` doubled each time, at
/// most `longest`, and of that a random part between a half and the whole, so that many clients
/// that failed together do not come back together.
pub(super) fn backoff(next: u32, first: Duration, longest: Duration) -> Duration {
    let doublings = next.saturating_sub(2).min(20);
    let whole = first.saturating_mul(1 << doublings).min(longest);
    whole.mul_f64(0.5 + 0.5 * fastrand::f64())
}

/// What `Retry-After` asks for: whole seconds, or a date (RFC 9110, section 10.2.3).
pub(super) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than a u64 holds is for ever.
        return Some(Duration::from_secs(value.parse().unwrap_or(u32::MAX.into())));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_limit_and_never_shrinks_below_half() {
        let (first, longest) = (Duration::from_millis(100), Duration::from_millis(500));
        for (next, whole) in [(2, 100), (3, 200), (4, 400), (5, 500), (99, 500)] {
            for _ in 0..100 {
                let wait = backoff(next, first, longest);
                let whole = Duration::from_millis(whole);
                assert!(whole / 2 <= wait && wait <= whole, "{next}: {wait:?}");
            }
        }
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let now = httpdate::parse_http_date("Fri, 31 Dec 1999 23:59:59 GMT").unwrap();
        let wait = |value| retry_after(value, now);
        assert_eq!(wait("120"), Some(Duration::from_secs(120)));
        assert_eq!(wait(" 0 "), Some(Duration::ZERO));
        assert_eq!(wait("Sat, 01 Jan 2000 00:00:09 GMT"), Some(Duration::from_secs(10)));
        assert_eq!(wait("Thu, 01 Jan 1998 00:00:00 GMT"), Some(Duration::ZERO));
        let ages = "9".repeat(40);
        assert!(retry_after(&ages, now) > Some(Duration::from_secs(1_000_000)));
        for nonsense in ["", "soon", "-1", "1.5"] {
            assert_eq!(wait(nonsense), None, "{nonsense}");
        }
    }
}
