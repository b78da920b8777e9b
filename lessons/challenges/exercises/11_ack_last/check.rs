//! Nothing is acked before it is stored or buried, a task that fails comes again, five times, and a
//! worker may die before any of its calls. The server is a script, so neither a network nor a clock
//! matters.

use std::cell::{RefCell, RefMut};
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use answer::{DELIVERIES, Delivery, Server, run};
use challenges::{Judged, Refusal, check, require, sign_of_life};

challenges::answer!("../../../../challenges/11_ack_last.rs");

/// If a task is delivered more often than this, or a server that has gone is asked more often, the
/// loop has no end.
const ENOUGH: u32 = 20;

/// This task always fails.
const ALWAYS: u32 = u32::MAX;

const PAGE: &str = "11_cluster.md";

fn main() {
    check("11_ack_last", |check| {
        check.if_stuck("what ends the loop? `fetch` returns `None` when no task is left", PAGE);
        check.part("a result is stored, and then its task is acked", || {
            Desk::new(&[(1, 0), (2, 0), (3, 0)]).is_served()
        })?;
        check.part("a task whose result is stored is acked, and not done again", || {
            let desk = Desk::new(&[(1, 0), (2, 0), (3, 0)]);
            desk.state().stored.insert(2, result_of(2));
            desk.is_served()
        })?;
        check.part("a task that fails comes again, and meanwhile the others are done", || {
            Desk::new(&[(1, 0), (2, 2), (3, 1), (4, 0)]).is_served()
        })?;
        check.part(
            "a task that fails the fifth time becomes a dead letter, with its reason",
            || Desk::new(&[(1, 0), (2, ALWAYS), (3, DELIVERIES - 1), (4, 0)]).is_served(),
        )?;
        check.part("a worker may die before any of its calls", dies)?;
        check.part("a server that can't be reached is an error", server_is_gone)
    })
}

/// A worker dies before its first call, another before its second, and so on. A new one takes its
/// place.
fn dies() -> Judged {
    for call in 1.. {
        sign_of_life();
        let desk = Desk::new(&[(1, 0), (2, 1), (3, ALWAYS)]);
        desk.state().dies_at = Some(call);
        match desk.serve()? {
            End::Returned(_) => break, // there was no such call
            End::Died => desk.is_served()?,
        }
    }
    Ok(())
}

fn server_is_gone() -> Judged {
    let desk = Desk::new(&[(1, 0), (2, 0)]);
    desk.state().is_gone_after = Some(1);
    let end = desk.serve()?;
    require(
        matches!(end, End::Returned(Err(_))),
        "that `run` returns the error of `fetch`: the work isn't done, and someone must know",
        "`run` returned Ok(()), as if everything were done",
        PAGE,
    )
}

fn result_of(task: u32) -> u64 {
    u64::from(task) * 100
}

/// The server, as one worker after another sees it, and an account of what they say.
struct Desk {
    /// The tasks, and how many times each of them fails.
    tasks: BTreeMap<u32, u32>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    /// The tasks that wait, and how many times each has been delivered.
    waiting: VecDeque<(u32, u32)>,
    in_hand: Option<InHand>,
    stored: BTreeMap<u32, u64>,
    buried: BTreeMap<u32, String>,
    fetched: u32,
    /// Calls so far; before which of them the worker dies, and before which it has.
    calls: u32,
    dies_at: Option<u32>,
    died_before: Option<String>,
    is_gone_after: Option<u32>,
}

#[derive(Clone)]
struct InHand {
    delivery: Delivery,
    /// What came of it, if it was done.
    done: Option<Result<u64, String>>,
}

/// How a worker ends.
enum End {
    Returned(Result<(), String>),
    Died,
}

/// Panics that end a worker. Nobody gets to see them.
struct Died;
struct Refused(Refusal);

impl Desk {
    fn new(tasks: &[(u32, u32)]) -> Self {
        let waiting = tasks.iter().map(|(task, _)| (*task, 0)).collect();
        let state = State { waiting, ..State::default() };
        Desk { tasks: tasks.iter().copied().collect(), state: RefCell::new(state) }
    }

    /// Lets a worker run, until it returns or dies.
    fn serve(&self) -> Result<End, Refusal> {
        let ended = catch_unwind(AssertUnwindSafe(|| run(self, |task| self.work(task))));
        let panic = match ended {
            Ok(returned) => return Ok(End::Returned(returned)),
            Err(panic) => panic,
        };
        if panic.is::<Died>() {
            return Ok(End::Died);
        }
        match panic.downcast::<Refused>() {
            Ok(refused) => Err(refused.0),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Lets a worker run to its end, and looks at what is there.
    fn is_served(&self) -> Judged {
        let End::Returned(returned) = self.serve()? else { unreachable!("one death is enough") };
        let state = self.state();
        let in_hand = state.in_hand.iter().map(|in_hand| in_hand.delivery.task);
        let left: Vec<u32> = in_hand.chain(state.waiting.iter().map(|(task, _)| *task)).collect();
        require(
            left.is_empty(),
            match returned {
                Ok(()) => "that `run` returns when the server has no task left",
                Err(_) => {
                    "that a task that fails doesn't end the loop: the others must still be done"
                }
            },
            format!("`run` returned {returned:?}; not acked: tasks {left:?}{}", state.story()),
            PAGE,
        )?;
        require(
            returned.is_ok(),
            "Ok(()): all tasks are settled, and those that failed are dead letters",
            format!("{returned:?}"),
            PAGE,
        )?;
        for (task, fails) in &self.tasks {
            let is_settled = match *fails {
                ALWAYS => state.buried.contains_key(task),
                _ => state.stored.contains_key(task),
            };
            require(
                is_settled,
                match *fails {
                    ALWAYS => format!("a dead letter for task {task}, which always fails"),
                    _ => format!("a result for task {task}"),
                },
                format!(
                    "results of tasks {:?}, dead letters {:?}{}",
                    state.stored.keys().collect::<Vec<_>>(),
                    state.buried,
                    state.story()
                ),
                PAGE,
            )?;
        }
        Ok(())
    }

    /// A task is done.
    fn work(&self, task: u32) -> Result<u64, String> {
        let mut state = self.call(format!("work({task})"));
        let fails = self.tasks.get(&task).copied();
        let is_stored = state.stored.contains_key(&task);
        let in_hand = state.in_hand.as_mut().filter(|in_hand| in_hand.delivery.task == task);
        let (Some(in_hand), Some(fails)) = (in_hand, fails) else {
            refuse("work on the task that was delivered", format!("work({task})"));
        };
        if is_stored {
            refuse(
                "that a task isn't done again if its result is stored: it may take long",
                format!("task {task} is done although the server has its result"),
            );
        }
        if in_hand.done.is_some() {
            refuse(
                "that a task is done once each time it is delivered; whatever made it fail may be over when it \
                 comes again",
                format!(
                    "task {task} is done a second time in the same delivery, and the others wait"
                ),
            );
        }
        let times = in_hand.delivery.times;
        let done = if times > fails {
            Ok(result_of(task))
        } else {
            Err(format!("picture {task} isn't a picture, {times}"))
        };
        in_hand.done = Some(done.clone());
        done
    }

    /// One more call, unless the worker dies before it.
    fn call(&self, call: String) -> RefMut<'_, State> {
        let mut state = self.state();
        state.calls += 1;
        if state.dies_at == Some(state.calls) {
            state.put_back();
            state.died_before = Some(call);
            drop(state);
            resume_unwind(Box::new(Died));
        }
        state
    }

    fn state(&self) -> RefMut<'_, State> {
        self.state.borrow_mut()
    }
}

impl State {
    /// Tasks that were not acked will be delivered again.
    fn put_back(&mut self) {
        let in_hand = self.in_hand.take().map(|InHand { delivery, .. }| delivery);
        self.waiting.extend(in_hand.map(|Delivery { task, times }| (task, times)));
    }

    fn in_hand(&self, task: u32) -> Option<InHand> {
        self.in_hand.clone().filter(|in_hand| in_hand.delivery.task == task)
    }

    fn story(&self) -> String {
        let story = |call: &String| format!("; the first worker died just before {call}");
        self.died_before.as_ref().map(story).unwrap_or_default()
    }
}

impl Server for Desk {
    fn fetch(&self) -> Result<Option<Delivery>, String> {
        let mut state = self.call("fetch()".to_owned());
        state.put_back();
        state.fetched += 1;
        if let Some(after) = state.is_gone_after
            && state.fetched > after
        {
            if state.fetched > after + ENOUGH {
                refuse(
                    "an end, with the error, when the server can't be reached",
                    format!("it was asked {ENOUGH} more times"),
                );
            }
            return Err("the server can't be reached".to_owned());
        }
        let Some((task, times)) = state.waiting.pop_front() else { return Ok(None) };
        let is_settled = state.stored.contains_key(&task) || state.buried.contains_key(&task);
        if times >= ENOUGH && is_settled {
            refuse(
                "an ack once there is a result or a dead letter, whichever worker left it there",
                format!(
                    "task {task} was delivered {times} times: it is settled, and nobody tells the server"
                ),
            );
        }
        if times >= ENOUGH {
            refuse(
                format!("a dead letter when a task fails the {DELIVERIES}th time or later"),
                format!(
                    "task {task} was delivered {times} times. It will come forever, and nobody will ever hear why it \
                     fails{}",
                    state.story()
                ),
            );
        }
        let delivery = Delivery { task, times: times + 1 };
        state.in_hand = Some(InHand { delivery, done: None });
        Ok(Some(delivery))
    }

    fn is_stored(&self, task: u32) -> bool {
        self.call(format!("is_stored({task})")).stored.contains_key(&task)
    }

    fn store(&self, task: u32, result: u64) {
        let mut state = self.call(format!("store({task}, {result})"));
        let done = state.in_hand(task).and_then(|in_hand| in_hand.done);
        if done != Some(Ok(result)) {
            refuse(
                "that the stored result is what `work` returned for the task",
                format!("store({task}, {result}), and `work` returned {done:?}"),
            );
        }
        state.stored.insert(task, result);
    }

    fn bury(&self, task: u32, reason: &str) {
        let mut state = self.call(format!("bury({task}, …)"));
        let Some(InHand { delivery, done }) = state.in_hand(task) else {
            refuse(
                "that the task that is buried is the one that was delivered",
                format!("bury({task}, …)"),
            );
        };
        let times = delivery.times;
        if times < DELIVERIES {
            refuse(
                format!(
                    "a dead letter when a task fails the {DELIVERIES}th time or later, and not before"
                ),
                format!(
                    "task {task} was buried when it had been delivered {times} times: it might have worked the next time"
                ),
            );
        }
        // It's excused if it doesn't know the reason because other workers have died.
        let is_reason = match &done {
            Some(Err(why)) => reason.contains(why),
            Some(Ok(_)) => false,
            None => times > DELIVERIES,
        };
        if !is_reason {
            refuse(
                "a dead letter with the reason why the task has just failed",
                match done {
                    Some(done) => format!("bury({task}, {reason:?}), and `work` returned {done:?}"),
                    None => {
                        format!("bury({task}, {reason:?}), and nobody tried it the {times}th time")
                    }
                },
            );
        }
        state.buried.insert(task, reason.to_owned());
    }

    fn ack(&self, task: u32) {
        let mut state = self.call(format!("ack({task})"));
        let Some(InHand { done, .. }) = state.in_hand(task) else { return };
        if !state.stored.contains_key(&task) && !state.buried.contains_key(&task) {
            refuse(
                "`ack` last: once the result is stored, or the dead letter is written",
                match done {
                    Some(Err(_)) => format!(
                        "ack({task}) after it has failed: the server forgets it, and it never comes again"
                    ),
                    _ => format!(
                        "ack({task}) without a stored result: the server forgets it. If the worker dies now, nobody has it"
                    ),
                },
            );
        }
        state.in_hand = None;
    }
}

/// Ends the worker.
fn refuse(expected: impl Into<String>, seen: impl Into<String>) -> ! {
    let refusal = Refusal { expected: expected.into(), seen: seen.into(), page: PAGE.to_owned() };
    resume_unwind(Box::new(Refused(refusal)))
}
