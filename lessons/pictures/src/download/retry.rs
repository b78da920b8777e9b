//! Whether to retry, and how long to wait first.

use std::time::{Duration, SystemTime};

use super::fault::Fault;
use super::limits::ClientLimits;

// ANCHOR: wait
/// How long to wait before the next attempt, or the fault to report if there should be none.
/// `attempts` were made so far.
pub(super) fn wait_after(
    fault: Fault,
    attempts: u32,
    limits: &ClientLimits,
) -> Result<Duration, Fault> {
    if !fault.is_worth_a_retry() || attempts >= limits.attempts {
        return Err(fault);
    }
    let limit = limits.longest_retry_after;
    let asked = match fault {
        Fault::Status { status, retry_after: Some(asked) } if asked > limit => {
            return Err(Fault::TooLong { status, asked, limit });
        }
        Fault::Status { retry_after: Some(asked), .. } => asked,
        _ => Duration::ZERO,
    };
    Ok(asked.max(backoff(attempts, limits.backoff, limits.longest_backoff)))
}

/// The wait after this many attempts: `first`, doubled each time, but at most `longest`. It's cut
/// by up to half at random, so that clients that failed together don't come back together.
fn backoff(attempts: u32, first: Duration, longest: Duration) -> Duration {
    let doublings = attempts.saturating_sub(1).min(20);
    let whole = first.saturating_mul(1 << doublings).min(longest);
    whole.mul_f64(0.5 + 0.5 * fastrand::f64())
}
// ANCHOR_END: wait

/// What `Retry-After` asks for: whole seconds, or a date (RFC 9110, section 10.2.3).
pub(super) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // A number too large for a u64 means never.
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
        for (attempts, whole) in [(1, 100), (2, 200), (3, 400), (4, 500), (99, 500)] {
            for _ in 0..100 {
                let wait = backoff(attempts, first, longest);
                let whole = Duration::from_millis(whole);
                assert!(whole / 2 <= wait && wait <= whole, "{attempts}: {wait:?}");
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
