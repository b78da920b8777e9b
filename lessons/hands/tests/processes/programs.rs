//! Programs that this test program can be started as: `processes --program NAME`.
//!
//! They begin where `main` begins, before `init`, because they are about programs that don't begin
//! as they should, or end as they shouldn't.

use std::io::Write;
use std::path::PathBuf;
use std::{env, fs, process, thread};

use hands::pool::{ProcessPool, as_completed};
use hands::process::{self as processes, Process, Task};

use crate::crashes::ABORT;
use crate::leftovers::{START, Then};
use crate::names::{
    BEFORE_INIT, CRASHES, DELETES_ITSELF, FORGETS_INIT, JOURNAL, PRINTS, SAME_NAME_TWICE,
    STARTS_A_POOL, TWO_INITS, WAITS_BUSY, WAITS_IDLE, WAITS_WITH_PROGRAMS,
};
use crate::support::note;
use crate::tasks::{PID, SAME, workers_of};
use crate::timeouts::SLEEP;

/// The first thing that `main` does. `init` is the second.
pub(crate) fn before_init(init: fn()) {
    if let Some(journal) = env::var_os(JOURNAL) {
        note(&PathBuf::from(journal), 1);
    }
    let first = env::args().nth(1).unwrap_or_default();
    let is_worker = first.starts_with("--hands-worker=");
    match env::var(BEFORE_INIT).as_deref() {
        _ if !is_worker => {}
        Ok("exit") => process::exit(3),
        Ok("hang") => wait(),
        Ok("other tasks") => processes::init(&[&SAME]),
        Ok("babble") => {
            // Standard input is the socket.
            let mut socket = fs::File::from(
                std::os::fd::AsFd::as_fd(&std::io::stdin()).try_clone_to_owned().expect("a copy"),
            );
            socket.write_all(&[0xff; 100]).expect("the parent listens");
            wait()
        }
        _ => {}
    }
    if first == "--program" {
        let name = env::args().nth(2).unwrap_or_default();
        run(&name, init);
        process::exit(0);
    }
}

fn run(name: &str, init: fn()) {
    const ALSO_SAME: Task<String, String> = Task::new("same", |text| text);
    match name {
        FORGETS_INIT => {
            println!("{}", ProcessPool::new(2).unwrap_err());
            println!("{}", Process::spawn(&SAME, 1).unwrap_err());
            return;
        }
        SAME_NAME_TWICE => {
            processes::init(&[&SAME, &ALSO_SAME]);
            println!("{}", ProcessPool::new(2).unwrap_err());
            return;
        }
        TWO_INITS => {
            processes::init(&[&SAME]);
            processes::init(&[&ALSO_SAME]);
            return;
        }
        _ => init(),
    }
    match name {
        STARTS_A_POOL => match ProcessPool::new(2) {
            Ok(_) => println!("it started"),
            Err(error) => println!("{error}"),
        },
        DELETES_ITSELF => {
            fs::remove_file(env::current_exe().expect("a path")).expect("it can be removed");
            let pool = ProcessPool::new(1).expect("a pool");
            println!("{}", pool.map(&SAME, 0..3).expect("three results").len());
        }
        WAITS_IDLE => {
            let pool = ProcessPool::new(3).expect("a pool");
            say_pids(&pool);
            wait();
        }
        WAITS_BUSY => {
            let pool = ProcessPool::new(3).expect("a pool");
            let pids = workers_of(&pool);
            let handles: Vec<_> = (0..10).map(|n| (n, pool.submit(&SLEEP, None))).collect();
            // A worker with nothing to do would answer this.
            let idle = pool.submit(&PID, ());
            assert!(idle.join_timeout(std::time::Duration::from_millis(50)).is_err());
            say(pids);
            as_completed(handles).for_each(drop);
        }
        WAITS_WITH_PROGRAMS => {
            let journal = PathBuf::from(env::args_os().nth(3).expect("a journal"));
            let pool = ProcessPool::new(2).expect("a pool");
            // One worker is idle by then, the other busy.
            let start = |then| pool.submit(&START, (journal.clone(), then, false));
            start(Then::Return).join().expect("they start");
            let _busy = start(Then::Wait);
            wait()
        }
        CRASHES => {
            let pool = ProcessPool::new(1).expect("a pool");
            println!("{}", pool.submit(&ABORT, ()).join().expect_err("a crash"));
            println!("{}", pool.submit(&SAME, 7).join().expect("a result"));
        }
        PRINTS => {
            let pool = ProcessPool::new(2).expect("a pool");
            pool.map(&crate::surroundings::PRINT, [10 << 20; 4]).expect("all printed");
        }
        other => panic!("no program is called {other}"),
    }
}

fn say_pids(pool: &ProcessPool) {
    say(workers_of(pool));
}

/// Prints the ids of the workers on one line, which says that they are ready.
fn say(pids: impl IntoIterator<Item = u32>) {
    let pids: Vec<_> = pids.into_iter().map(|pid| pid.to_string()).collect();
    println!("workers {}", pids.join(" "));
}

fn wait() -> ! {
    loop {
        thread::park();
    }
}
