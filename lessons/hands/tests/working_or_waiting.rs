//! Does a trace tell who computed from who waited? On a busy machine a task that could compute may
//! have no core, so what a task computed is compared with the time for which it could have.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Barrier, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use hands::pool::ThreadPool;
use hands::timeline::{RowTime, Span, Timeline, Trace, span, thread_time};

/// There is one recording at a time in a process, so the tests take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Computes until this thread has used this much processor time.
fn spin(time: Duration) {
    let end = thread_time().unwrap() + time;
    while thread_time().unwrap() < end {
        black_box(());
    }
}

fn share(span: &Span) -> f64 {
    span.computed.expect("this platform has the clock").as_secs_f64() / span.length().as_secs_f64()
}

fn time_of(trace: &Trace, name: &str) -> RowTime {
    let row = trace.rows().iter().position(|row| row.name == name).unwrap();
    trace.summary().rows[row]
}

#[test]
fn a_sleep_waits() {
    let _turn = turn();
    let timeline = Timeline::start("test");
    {
        let _span = span("sleep");
        thread::sleep(Duration::from_millis(100));
    }
    let trace = timeline.stop();
    assert!(share(&trace.spans()[0]) < 0.1, "{trace:?}");
    let text = trace.text();
    assert!(text.contains("├─") && text.contains("─ waits") && !text.contains('█'), "{text}");
}

#[test]
fn what_a_spin_does_not_compute_it_has_no_core_for() {
    let _turn = turn();
    let timeline = Timeline::start("test");
    thread::Builder::new()
        .name("spinner".to_owned())
        .spawn(|| {
            let _span = span("spin");
            spin(Duration::from_millis(100));
        })
        .unwrap()
        .join()
        .unwrap();
    let trace = timeline.stop();
    let RowTime { busy, computed, delayed, .. } = time_of(&trace, "spinner");
    let free = busy.saturating_sub(delayed); // it had a core
    assert!(computed.unwrap() >= Duration::from_millis(99), "{trace:?}");
    assert!(!cfg!(target_os = "linux") || computed.unwrap() > free.mul_f64(0.8), "{trace:?}");
    assert!(computed.unwrap() <= busy, "{trace:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn four_spinners_on_one_core_compute_a_quarter_each() {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
    let _turn = turn();
    let all = sched_getaffinity(None).unwrap();
    let first = (0..CpuSet::MAX_CPU).find(|&core| all.is_set(core)).unwrap();
    let mut one = CpuSet::new();
    one.set(first);

    let timeline = Timeline::start("test");
    let (begin, enough) = (Barrier::new(4), AtomicBool::new(false));
    thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                sched_setaffinity(None, &one).unwrap();
                begin.wait();
                let _span = span("spin");
                let end = thread_time().unwrap() + Duration::from_millis(200);
                while !enough.load(Relaxed) && thread_time().unwrap() < end {
                    black_box(());
                }
                enough.store(true, Relaxed); // one has its share, and so have all of them
            });
        }
    });
    let trace = timeline.stop();
    let computed: Vec<f64> =
        trace.spans().iter().map(|span| span.computed.unwrap().as_secs_f64()).collect();
    let total: f64 = computed.iter().sum();
    for part in &computed {
        assert!((0.12..0.4).contains(&(part / total)), "{computed:?}");
    }
    let begin = trace.spans().iter().map(|span| span.start).min().unwrap();
    let end = trace.spans().iter().map(|span| span.end).max().unwrap();
    assert!(total <= 1.02 * (end - begin).as_secs_f64(), "they have one core: {trace:?}");
    assert!(trace.text().contains("for a core)"), "{}", trace.text());
}

#[test]
fn a_thread_behind_a_held_lock_waits() {
    let _turn = turn();
    let timeline = Timeline::start("test");
    let lock = Mutex::new(());
    let guard = lock.lock().unwrap();
    let (says, said) = mpsc::channel();
    thread::scope(|s| {
        s.spawn(|| {
            let _span = span("behind");
            says.send(()).unwrap();
            drop(lock.lock());
        });
        said.recv().unwrap();
        thread::sleep(Duration::from_millis(100)); // that long it waits, at least
        drop(guard);
    });
    let trace = timeline.stop();
    assert!(share(&trace.spans()[0]) < 0.1, "{trace:?}");
}

#[test]
fn tasks_of_a_pool_say_it_without_a_span_of_their_own() {
    let _turn = turn();
    let timeline = Timeline::start("test");
    let tasks = [0, 40].map(Duration::from_millis);
    let pool = ThreadPool::new(1).unwrap();
    pool.map(
        |time| if time.is_zero() { thread::sleep(Duration::from_millis(40)) } else { spin(time) },
        tasks,
    )
    .unwrap();
    drop(pool);
    let trace = timeline.stop();
    let [sleeps, spins] = trace.spans() else { panic!("{trace:?}") };
    assert!(share(sleeps) < 0.1, "{trace:?}");
    assert!(spins.computed.unwrap() >= Duration::from_millis(39), "{trace:?}");
}

#[test]
fn a_span_that_ends_on_another_thread_says_nothing_about_computing() {
    let _turn = turn();
    let timeline = Timeline::start("test");
    let moved = span("moved");
    thread::spawn(move || drop(moved)).join().unwrap();
    let trace = timeline.stop();
    assert_eq!(trace.spans()[0].computed, None);
    assert!(!trace.text().contains("waits"), "{}", trace.text());
}
