//! Small programs that use the queue, under every schedule.

use answer::Queue;
use challenges::{Judged, check, end_if_todo, require};
use schedules::every::{self, Arc, Number, spawn};

challenges::answer!("../../../../challenges/07e_proven_queue.rs");

const PAGE: &str = "07e_prove.md#three-bugs";

fn main() {
    check("07e_proven_queue", |check| {
        check.part("items come out in the order in which they went in", || {
            judge(|| {
                let queue = Arc::new(Queue::new(2));
                let theirs = Arc::clone(&queue);
                let consumer = spawn("consumer", move || [theirs.pop(), theirs.pop()]);
                [1, 2].into_iter().for_each(|item| queue.push(item));
                let items = consumer.join().expect("it ends");
                assert!(items == [1, 2], "{items:?}, not in the order in which they went in");
            })
        })?;
        check.part("two items find room for two, and nobody needs to take one", || {
            judge(|| {
                let queue = Queue::new(2);
                [1, 2].into_iter().for_each(|item| queue.push(item));
                let items = [queue.pop(), queue.pop()];
                assert!(items == [1, 2], "{items:?}, not in the order in which they went in");
            })
        })?;
        check.part("two consumers get an item each", || {
            judge(|| {
                let queue = Arc::new(Queue::new(1));
                let consumers = ["consumer 1", "consumer 2"].map(|name| {
                    let queue = Arc::clone(&queue);
                    spawn(name, move || queue.pop())
                });
                [1, 2].into_iter().for_each(|item| queue.push(item));
                let mut items = consumers.map(|consumer| consumer.join().expect("it ends"));
                items.sort_unstable();
                assert!(items == [1, 2], "{items:?}");
            })
        })?;
        check.part("two producers find room for one", || judge_with(3, bound))
    })
}

/// An item that is pushed into a full queue has waited until another one was about to be taken.
fn bound() {
    let (queue, taken) = (Arc::new(Queue::new(1)), Arc::new(Number::new("about to be taken", 0)));
    let pushed = Arc::new(Number::new("pushed", 0));
    queue.push(0); // which fills it
    let producers = ["producer 1", "producer 2"].map(|name| {
        let (queue, taken, pushed) = (Arc::clone(&queue), Arc::clone(&taken), Arc::clone(&pushed));
        spawn(name, move || {
            queue.push(1);
            let pushed = pushed.fetch_add(1) + 1;
            assert!(pushed <= taken.load(), "more items than there is room");
        })
    });
    for _ in 0..3 {
        taken.fetch_add(1);
        queue.pop();
    }
    producers.into_iter().for_each(|producer| producer.join().expect("it ends"));
}

fn judge(program: fn()) -> Judged {
    judge_with(2, program)
}

fn judge_with(interruptions: usize, program: fn()) -> Judged {
    let Err((tried, reason)) = every::check_with(interruptions, program) else { return Ok(()) };
    end_if_todo(&reason.message, &reason.place);
    let seen = format!("{}, in schedule {tried} of loom's", reason.message);
    require(false, "nothing is lost, and nobody waits for ever", seen, PAGE)
}
