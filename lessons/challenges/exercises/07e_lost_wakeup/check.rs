//! Two guests and one who opens, under many schedules. Nobody waits for ever, and nobody passes a
//! gate that is closed.

use answer::Gate;
use challenges::{Judged, check, end_if_todo, require};
use schedules::random::{Arc, Number, spawn};

challenges::answer!("../../../../challenges/07e_lost_wakeup.rs");

const SCHEDULES: usize = 3_000;
const PAGE: &str = "07e_prove.md#the-schedule-that-breaks-it";

fn main() {
    check("07e_lost_wakeup", |check| {
        check.part("a guest and one who opens", || judge(1))?;
        check.part("two guests and one who opens", || judge(2))?;
        check.if_stuck("who looks again and again, instead of waiting to be called?", PAGE);
        check.part("a guest who waits is asleep", asleep)
    })
}

fn judge(guests: usize) -> Judged {
    let Some(found) = schedules::search(move || visit(guests), 7, SCHEDULES) else {
        return Ok(());
    };
    let failed = found.shortest;
    end_if_todo(&failed.reason.message, &failed.reason.place);
    let seen = format!(
        "{}, under {} of {SCHEDULES} schedules. The shortest:\n{}",
        failed.reason.message,
        found.failed,
        failed.trace.text()
    );
    require(false, "everybody passes, and nobody before the gate is open", seen, PAGE)
}

fn visit(guests: usize) {
    let (gate, opens) = (Arc::new(Gate::new()), Arc::new(Number::new("is about to open", 0)));
    let guests = (1..=guests).map(|n| {
        let (gate, opens) = (Arc::clone(&gate), Arc::clone(&opens));
        spawn(&format!("guest {n}"), move || {
            gate.pass();
            assert_eq!(opens.load(), 1, "passed a closed gate");
        })
    });
    let guests: Vec<_> = guests.collect();
    opens.store(1);
    gate.open();
    guests.into_iter().for_each(|guest| guest.join().expect("the guest passes"));
}

/// Nobody opens the gate. If the guest sleeps, that's a deadlock. A loop that looks again and again
/// goes on.
fn asleep() -> Judged {
    let found = schedules::search(|| Gate::new().pass(), 7, 1);
    let seen = found.map_or_else(
        || "it passed a gate that nobody had opened".to_owned(),
        |found| found.shortest.reason.message,
    );
    require(
        seen.contains("deadlock"),
        "that a guest sleeps as long as the gate is closed: here nobody opens it, so all sleep for ever",
        seen,
        PAGE,
    )
}
