//! One publishes and one reads, under every schedule and with every value that the memory model
//! lets it see.

use answer::Published;
use challenges::{Judged, check, end_if_todo, require};
use hands::panics::Panicked;
use schedules::every;
use schedules::loom::sync::Arc;
use schedules::loom::thread;

challenges::answer!("../../../../challenges/07e_publish.rs");

const PAGE: &str = "07e_prove.md#orderings";

fn main() {
    check("07e_publish", |check| {
        check.part("a reader meanwhile gets nothing or the number", || {
            judge(every::check(|| {
                let (shared, writer) = start();
                let read = shared.read();
                assert!(matches!(read, None | Some(42)), "{read:?}");
                writer.join().expect("the writer ends");
            }))
        })?;
        check.part("a reader after the end of the writer gets the number", || {
            judge(every::check(|| {
                let (shared, writer) = start();
                writer.join().expect("the writer ends");
                let read = shared.read();
                assert!(read == Some(42), "{read:?}");
            }))
        })?;
        check.part("a 0 that somebody has published is a number, too", || {
            judge(every::check(|| {
                let shared = Published::new();
                shared.publish(0);
                let read = shared.read();
                assert!(read == Some(0), "{read:?} when 0 was published");
            }))
        })
    })
}

fn start() -> (Arc<Published>, thread::JoinHandle<()>) {
    let shared = Arc::new(Published::new());
    let theirs = Arc::clone(&shared);
    (shared, thread::spawn(move || theirs.publish(42)))
}

fn judge(result: Result<usize, (usize, Panicked)>) -> Judged {
    let Err((tried, reason)) = result else { return Ok(()) };
    end_if_todo(&reason.message, &reason.place);
    require(
        false,
        "None or the number that was published",
        format!("{}, in schedule {tried} of loom's", reason.message),
        PAGE,
    )
}
