//! What it costs to start somebody who does nothing, and to wait for the end.
//!
//!     cargo bench --bench start
//!
//! A hundred of each, all started before the first is waited for; medians of several rounds, in turn.

use hands::println;
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{env, thread};

const EACH: usize = 100;
const ROUNDS: usize = 5;

fn main() -> anyhow::Result<()> {
    if env::args().nth(1).as_deref() == Some("do-nothing") {
        return Ok(());
    }
    // The interpreter itself: what is called python3 may be a script that looks for it.
    let which = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output();
    let python = which.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let python = python.ok().filter(|path| !path.is_empty());
    let names = ["a thread", "a process (this program again)", "a process (python3 -c pass)"];
    let kinds = if python.is_some() { 3 } else { 2 };

    let mut times = vec![Vec::new(); kinds];
    for _ in 0..ROUNDS {
        for (kind, times) in times.iter_mut().enumerate() {
            let start = Instant::now();
            match kind {
                0 => threads(),
                1 => processes(
                    || Command::new(env::current_exe().expect("a path")),
                    &["do-nothing"],
                )?,
                _ => processes(
                    || Command::new(python.as_deref().unwrap_or("python3")),
                    &["-c", "pass"],
                )?,
            }
            times.push(start.elapsed().as_secs_f64() / EACH as f64);
        }
    }
    println!("start and join, each of {EACH}");
    let mut first = None;
    for (name, times) in names.iter().zip(&mut times) {
        times.sort_by(f64::total_cmp);
        let median = times[ROUNDS / 2];
        let ratio = median / *first.get_or_insert(median);
        println!("  {name:32} {:9.3} ms   {ratio:7.0} ×", median * 1e3);
    }
    Ok(())
}

fn threads() {
    let handles: Vec<_> = (0..EACH).map(|_| thread::spawn(|| ())).collect();
    handles.into_iter().for_each(|handle| handle.join().expect("it does nothing"));
}

fn processes(program: impl Fn() -> Command, args: &[&str]) -> anyhow::Result<()> {
    let children: Vec<_> = (0..EACH)
        .map(|_| program().args(args).stdin(Stdio::null()).spawn())
        .collect::<Result<_, _>>()?;
    for mut child in children {
        anyhow::ensure!(child.wait()?.success(), "a child failed");
    }
    Ok(())
}
