//! The knee is found on curves with noise, with a dip, and with a fall behind it, and nothing is
//! measured twice.

use answer::knee;
use challenges::{Judged, check, require};

challenges::answer!("../../../../challenges/06_knee.rs");

const WORKERS: [u32; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const KNEE: &str = "06_io_bound.md#how-many-workers";

fn main() {
    check("06_knee", |check| {
        check.part("a server that handles 32 requests at a time", || {
            let rates = [98.0, 199.0, 397.0, 801.0, 1590.0, 3105.0, 3190.0, 3230.0, 3214.0];
            found("by chance, 128 workers measure best", rates, 32)
        })?;
        check.part("a curve with a dip on its way up", || {
            let rates = [98.0, 199.0, 180.0, 801.0, 1590.0, 1615.0, 1600.0, 1580.0, 1604.0];
            found("the machine was busy while 4 were measured", rates, 16)
        })?;
        check.part("a curve that falls behind its knee", || {
            let rates = [50.0, 99.0, 101.0, 100.0, 97.0, 90.0, 80.0, 60.0, 40.0];
            found("two cores, which compute", rates, 2)
        })?;
        check.part("a curve that bends slowly", || {
            let rates = [100.0, 150.0, 200.0, 250.0, 300.0, 350.0, 380.0, 399.0, 420.0];
            found("it rises to the end; 380 is 90 % of 420", rates, 64)
        })?;
        check.part("89 % isn't enough, and 90 % is", || {
            let rates = [100.0, 200.0, 390.0, 700.0, 860.0, 895.0, 908.0, 960.0, 1000.0];
            found("895 isn't enough, 908 is", rates, 64)?;
            let rates = [100.0, 520.0, 868.0, 899.0, 901.0, 1000.0, 990.0, 980.0, 970.0];
            found("899 isn't enough, 901 is", rates, 16)?;
            let rates = [100.0, 300.0, 600.0, 900.0, 950.0, 1000.0, 990.0, 980.0, 970.0];
            found("900 is just enough", rates, 8)
        })
    })
}

fn found(what: &str, rates: [f64; 9], expected: u32) -> Judged {
    let mut asked = Vec::new();
    let seen = knee(|workers| {
        asked.push(workers);
        let at = WORKERS.iter().position(|n| *n == workers);
        at.map_or(f64::NAN, |at| rates[at])
    });
    let table: Vec<_> = WORKERS.iter().zip(rates).map(|(n, rate)| format!("{n}: {rate}")).collect();
    let best = rates.iter().copied().fold(0.0, f64::max);
    require(
        seen == expected,
        format!(
            "{expected}: the fewest workers that reach 90 % of {best} ({what})\n{}",
            table.join(", ")
        ),
        seen.to_string(),
        KNEE,
    )?;
    let mut each_once = asked.clone();
    each_once.sort_unstable();
    require(
        each_once == WORKERS,
        format!("that each of {WORKERS:?} is measured once"),
        format!("{asked:?} were"),
        KNEE,
    )
}
