//! What it costs to start something that does nothing, and to wait for its end.
//!
//!     cargo bench --bench start
//!
//! A hundred of each, all started before the first is waited for.

use std::process::{Command, Stdio};
use std::{env, thread};

use benches::child::{again, output};
use benches::{Compared, Rounds, seconds};
use hands::println;

const EACH: usize = 100;
const ROUNDS: usize = 5;

fn main() -> anyhow::Result<()> {
    if env::args().nth(1).as_deref() == Some("do-nothing") {
        return Ok(());
    }
    let each = |start: &dyn Fn() -> anyhow::Result<()>| Ok(seconds(&(), start)? / EACH as f64);
    let mut rounds = Rounds::new()
        .way("a thread", || each(&threads))
        .way("a process (this program again)", || each(&|| processes(|| again(["do-nothing"]))));
    // The interpreter itself: what is called python3 may be a script that looks for it.
    let where_is_it = ["-c", "import sys; print(sys.executable)"];
    if let Ok(python) = output(Command::new("python3").args(where_is_it)) {
        let pass = move || {
            let mut command = Command::new(python.trim());
            command.args(["-c", "pass"]);
            Ok(command)
        };
        rounds = rounds.way("a process (python3 -c pass)", move || each(&|| processes(&pass)));
    }
    let measured = rounds.run(ROUNDS)?;
    println!("start and join, each of {EACH}");
    println!("{}", measured.table(Compared::Longer { than: 0 }));
    Ok(())
}

fn threads() -> anyhow::Result<()> {
    let handles: Vec<_> = (0..EACH).map(|_| thread::spawn(|| ())).collect();
    handles.into_iter().for_each(|handle| handle.join().expect("it does nothing"));
    Ok(())
}

fn processes(program: impl Fn() -> anyhow::Result<Command>) -> anyhow::Result<()> {
    let start = |_| Ok(program()?.stdin(Stdio::null()).spawn()?);
    let children: Vec<_> = (0..EACH).map(start).collect::<anyhow::Result<_>>()?;
    for mut child in children {
        anyhow::ensure!(child.wait()?.success(), "a child failed");
    }
    Ok(())
}
