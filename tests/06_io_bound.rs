//! Step 06: files and slow answers in each way, and the sweep over numbers of workers.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use figures::plot::Plot;
use hands::timeline::Trace;
use harness::{Child, Run, Step, differs_from_plot, wait_until};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use tempfile::TempDir;

const WAYS: [&str; 5] =
    ["one-by-one", "process-each", "thread-each", "process-pool", "thread-pool"];
const WORKS: [&str; 3] = ["nothing", "a file", "a request"];
const POOL: usize = 8;

/// In a folder of its own, where the step leaves its timeline and its plot.
#[track_caller]
fn run(step: &str, args: &[&str]) -> Run {
    let temporary = tempfile::tempdir().unwrap();
    let run = Step::new(step).args(args).env("TMPDIR", temporary.path()).bare().run();
    assert!(run.status.success(), "{}\n{}", run.stdout, run.stderr);
    assert_eq!(names_in(temporary.path()), [""; 0], "temporary files are removed");
    run
}

fn names_in(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).collect()
}

/// The cells of a table, which are separated by two spaces or more. The table is below the line
/// that begins with `title`; its own head is left out.
fn table<'r>(run: &'r Run, title: &str) -> Vec<Vec<&'r str>> {
    let lines = run.stdout.lines().skip_while(|line| !line.starts_with(title)).skip(2);
    let cells = |line: &'r str| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
    lines.take_while(|line| !line.is_empty()).map(|line| cells(line).collect()).collect()
}

fn section(run: &Run, name: &str) -> Trace {
    run.trace().section(name).unwrap_or_else(|| panic!("no section {name}: {}", run.stdout))
}

fn pids(part: &Trace) -> Vec<u32> {
    part.spans().iter().map(|span| part.rows()[span.row].pid).collect()
}

#[test]
fn few_and_many_tasks_have_a_line_for_each_way() {
    let run = run("06_io_bound", &["--tasks=24,4,24", "--latency=5"]);
    let all: Vec<_> = ["4", "24"].iter().flat_map(|n| WAYS.map(|way| (*n, way))).collect();
    let times = table(&run, "time for each task");
    let switches = table(&run, "context switches for each task, voluntary + involuntary");
    for (table, unit) in [(&times, " ms"), (&switches, " + ")] {
        assert_eq!(table.iter().map(|row| (row[0], row[1])).collect::<Vec<_>>(), all);
        for row in table {
            assert_eq!(row.len(), 2 + WORKS.len(), "{row:?}");
            assert!(row[2..].iter().all(|cell| cell.contains(unit)), "{row:?}");
        }
    }
    for (tasks, way) in all {
        assert!(run.stdout.contains(&format!("\n{tasks} tasks of each kind, {way}\n")));
    }
    for other in ["process-pool", "thread-each"] {
        let ratios = table(&run, &format!("speed of process-each relative to {other}"));
        assert_eq!(ratios.iter().map(|row| row[0]).collect::<Vec<_>>(), ["4", "24"]);
        assert!(ratios.iter().flat_map(|row| &row[1..]).all(|cell| cell.ends_with(" ×")));
    }
    assert!(run.stdout.contains("\nFinished in "), "{}", run.stdout);
    assert!(run.stdout.trim_end().lines().last().unwrap().starts_with("Timeline: "));
}

#[test]
fn a_task_that_waits_gives_its_core_away() {
    let run = run("06_io_bound", &["--tasks=10"]);
    let switches = table(&run, "context switches");
    let voluntary = |way: &str, work: usize| -> f64 {
        let row = switches.iter().find(|row| row[1] == way).unwrap();
        row[2 + work].split(" + ").next().unwrap().parse().unwrap()
    };
    for way in WAYS {
        assert!(voluntary(way, 2) >= 1.0, "{way}: each request waits: {switches:?}");
    }
    assert!(voluntary("process-each", 0) >= 1.0, "each process is waited for: {switches:?}");
    assert!(voluntary("one-by-one", 0) <= 0.5, "nothing is not waited for: {switches:?}");
}

#[test]
fn each_task_has_a_process_of_its_own_and_a_pool_has_as_many_as_it_says() {
    let run = run("06_io_bound", &["--tasks=24,25"]);
    let part = |way: &str| section(&run, &format!("24 requests, {way}"));
    assert_eq!(run.trace().sections().len(), WAYS.len(), "timelines only of the few tasks");
    for way in WAYS {
        assert_eq!(part(way).spans().len(), 24, "{way}");
    }
    let each: HashSet<u32> = pids(&part("process-each")).into_iter().collect();
    assert_eq!(each.len(), 24);
    let pool: HashSet<u32> =
        part("process-pool").rows().iter().skip(1).map(|row| row.pid).collect();
    assert_eq!(pool.len(), POOL);
    assert!(pids(&part("process-pool")).iter().all(|pid| pool.contains(pid)));
    assert!(each.is_disjoint(&pool) && !each.contains(&run.pid) && !pool.contains(&run.pid));

    let rows = |way: &str| part(way).spans().iter().map(|span| span.row).collect::<BTreeSet<_>>();
    for way in ["one-by-one", "thread-each", "thread-pool"] {
        assert!(pids(&part(way)).iter().all(|pid| *pid == run.pid), "{way}: in this process");
    }
    assert_eq!((rows("thread-each").len(), rows("one-by-one").len()), (24, 1));
}

#[test]
fn a_pool_waits_for_as_many_answers_at_once_as_it_has_workers_and_never_more() {
    // Long enough that even on a busy machine the last worker begins before the first has its
    // answer.
    let run = run("06_io_bound", &["--tasks=9", "--latency=500", "--workers=3"]);
    let at_once = |way: &str| section(&run, &format!("9 requests, {way}")).at_once();
    assert_eq!(WAYS.map(at_once), [1, 9, 9, 3, 3]);
}

#[test]
fn the_sweep_has_its_rows_its_knees_and_its_plot() {
    let run = run("06b_sweep", &["--workers=4,1,2,4", "--tasks=12", "--latency=5", "--rounds=2"]);
    for round in 1..=2 {
        let line = format!("\nround {round}: 12 requests, 12 computations, 4 worker(s)\n");
        assert_eq!(run.stdout.matches(&line).count(), 1, "{}", run.stdout);
    }
    assert!(run.stdout.contains("\nwork       workers         tasks    each takes   switches\n"));
    let rows = table(&run, "Medians of 2 round(s)");
    let rows: Vec<_> = rows.into_iter().filter(|row| row.len() > 1).collect();
    let works = ["requests", "computing"];
    let all = works.map(|work| ["1", "2", "4"].map(|workers| (work, workers))).concat();
    assert_eq!(rows.iter().map(|row| (row[0], row[1])).collect::<Vec<_>>(), all);
    for row in rows {
        assert!(row[2].ends_with("/s") && row[3].ends_with(" ms"), "{row:?}");
        assert!(row[4].contains(" + "), "{row:?}");
    }

    let plot = run.folder().join("target/plots/06b_sweep.json");
    assert!(fs::read_to_string(plot.with_extension("svg")).unwrap().starts_with("<svg"));
    // Each point is a row of the table, and each mark is a knee that was printed.
    assert_eq!(differs_from_plot(&run.stdout, &Plot::read(&plot).unwrap()), [""; 0]);
    for work in works {
        assert_eq!(run.stdout.matches(&format!("Knee of {work}: ")).count(), 1, "{}", run.stdout);
    }
    for workers in ["1", "2", "4"] {
        let part = section(&run, &format!("computing, {workers} at work"));
        let at_once = part.at_once();
        assert!(part.spans().len() == 12 && at_once <= workers.parse().unwrap(), "{at_once}");
    }
    assert!(run.stdout.trim_end().lines().last().unwrap().starts_with("Timeline: "));
}

/// The step is pinned to a core on which something else computes all the time.
#[cfg(target_os = "linux")]
#[test]
fn a_step_that_shares_its_core_says_so() {
    let core = fs::read_to_string("/proc/self/status").unwrap();
    let cores = core.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap();
    let core = cores.trim().split([',', '-']).next().unwrap();
    let mut busy = Command::new("taskset");
    let busy = Child::start(busy.args(["-c", core, "sh", "-c", "while :; do :; done"])).unwrap();
    let said: Vec<String> = [
        (
            "05_cpu_bound",
            &["--using=thread-pool", "--workers=1", "--jobs=8", "--numbers=1000000"][..],
        ),
        ("06b_sweep", &["--workers=1,2", "--tasks=20", "--latency=0", "--rounds=1"][..]),
    ]
    .map(|(step, args)| {
        Step::new(step).through(&["taskset", "-c", core]).args(args).bare().run().stderr
    })
    .into();
    drop(busy);
    for said in said {
        assert!(
            said.contains("Note: this machine is busy: do not trust this run. It got "),
            "{said}"
        );
    }
}

#[test]
fn the_server_answers_as_many_at_a_time_as_it_says_however_many_ask() {
    let args = ["--workers=8", "--tasks=16", "--latency=50", "--at-once=2"];
    let part = section(&run("06b_sweep", &args), "requests, 8 at work");
    assert_eq!(part.at_once(), 8, "all workers ask, and wait");
    // A busy machine makes this longer, never shorter. Eight at a time would take a quarter of it.
    assert!(part.length() >= Duration::from_millis(16 / 2 * 50), "{:?}", part.length());
}

/// A step that was built, and a folder for what it leaves. Any user may run it and write there.
struct Program {
    folder: TempDir,
    step: &'static str,
}

impl Program {
    fn new(step: &'static str) -> Self {
        let program = harness::example(step, false).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::copy(program, folder.path().join(step)).unwrap();
        fs::create_dir(folder.path().join("free")).unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(folder.path().join("free"), Permissions::from_mode(0o777)).unwrap();
        Program { folder, step }
    }

    fn free_folder(&self) -> PathBuf {
        self.folder.path().join("free")
    }

    /// The step, run by an ordinary user, who is bound by limits and permissions. `limits` are
    /// options of `prlimit`.
    fn as_user(&self, limits: &[&str]) -> Command {
        let mut words = vec!["prlimit"];
        if geteuid().is_root() {
            words = vec!["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups", "prlimit"];
        }
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).args(limits).arg(self.folder.path().join(self.step));
        command.current_dir(self.free_folder()).env("TMPDIR", self.free_folder());
        command.env("RUST_BACKTRACE", "0").stdin(Stdio::null());
        command
    }
}

/// It ended with an error that says one of these, and left nothing behind.
#[track_caller]
fn assert_error(program: &Program, output: &Output, says: &[&str]) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(says.iter().any(|says| error.contains(says)), "{says:?}: {error}");
    assert!(!error.contains("panicked"), "{error}");
    assert_eq!(names_in(&program.free_folder()), [""; 0], "temporary files are removed");
}

#[test]
fn more_than_the_system_can_start_or_open_is_an_error_that_says_so() {
    let (step, sweep) = (Program::new("06_io_bound"), Program::new("06b_sweep"));
    let too_many = "one for each task is more than the system can start: try fewer --tasks";
    let output = step.as_user(&["--nofile=40"]).args(["--tasks=200", "--latency=0"]).output();
    assert_error(&step, &output.unwrap(), &[too_many]);
    let output = sweep.as_user(&["--nofile=40"]).args(["--workers=200", "--tasks=60"]).output();
    assert_error(&sweep, &output.unwrap(), &["try fewer --workers"]);

    // Root's processes aren't limited, and another user may have too many before this begins.
    let errors = [too_many, "cannot be started", "processes and threads, and the limit is"];
    for processes in ["1", "2", "3", "5", "20", "40", "60"] {
        let limit = format!("--nproc={processes}");
        let output = step.as_user(&[&limit]).args(["--tasks=40", "--latency=0"]).output();
        assert_error(&step, &output.unwrap(), &errors);
        let output = sweep.as_user(&[&limit]).args(["--workers=100", "--tasks=2"]).output();
        assert_error(&sweep, &output.unwrap(), &errors);
    }
}

#[test]
fn a_folder_that_is_missing_or_closed_is_an_error_that_names_it() {
    let step = Program::new("06_io_bound");
    let closed = step.folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, Permissions::from_mode(0o555)).unwrap();
    for folder in ["/dev/null/nowhere", closed.to_str().unwrap()] {
        let output = step.as_user(&[]).env("TMPDIR", folder).output().unwrap();
        assert_error(&step, &output, &[&format!("at path \"{folder}/")]);
        assert_error(&step, &output, &["set TMPDIR to a folder with room"]);
    }
    let few = ["--tasks=1", "--workers=1", "--latency=0"];
    let output = step.as_user(&[]).args(few).current_dir(&closed).output().unwrap();
    assert_error(&step, &output, &["cannot be written to target/timelines/06_io_bound.json"]);
    let sweep = Program::new("06b_sweep");
    let output = sweep.as_user(&[]).args(few).current_dir(&closed).output().unwrap();
    assert_error(&sweep, &output, &["the plot cannot be written to target/plots/06b_sweep.json"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("Medians of 3 round(s)"));
}

/// A file system of 64 KiB, mounted until this is dropped.
#[cfg(target_os = "linux")]
struct SmallDisk(TempDir);

#[cfg(target_os = "linux")]
impl SmallDisk {
    fn mount() -> Self {
        let place = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(place.path());
        assert!(mount.status().unwrap().success(), "run as root");
        SmallDisk(place)
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs root, to mount a small file system"]
fn a_full_disk_is_an_error_that_names_the_file() {
    let step = Program::new("06_io_bound");
    let disk = SmallDisk::mount();
    fs::set_permissions(disk.0.path(), Permissions::from_mode(0o777)).unwrap();
    let few = || {
        let mut command = step.as_user(&[]);
        command.args(["--tasks=1", "--latency=0"]).env("TMPDIR", disk.0.path());
        command
    };
    // Sixteen pages hold some files of a page each, but not forty.
    let output = few().arg("--tasks=40").output().unwrap();
    assert_error(&step, &output, &["No space left on device"]);
    assert_error(&step, &output, &[".txt: ", "TMPDIR can name another place"]);
    assert_eq!(names_in(disk.0.path()), [""; 0]);

    let mut filler = File::create(disk.0.path().join("filler")).unwrap();
    while filler.write_all(&[0; 4096]).is_ok() {}
    let output = few().output().unwrap();
    assert_error(&step, &output, &["No space left on device"]);
    assert_eq!(names_in(disk.0.path()), ["filler"]);
}

/// Waits for the processes that have this word in their environment to end.
#[cfg(target_os = "linux")]
fn wait_until_nobody_has(word: &str) {
    let has = |entry: fs::DirEntry| {
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(word)
    };
    wait_until("no child outlives its parent", || {
        !fs::read_dir("/proc").unwrap().filter_map(Result::ok).any(has)
    });
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_at_any_time_leaves_no_file_and_no_child() {
    // The sweep doesn't handle Ctrl-C itself. If these tests were started so that they ignore it,
    // so does the sweep: it gets SIGTERM instead.
    for (step, signal, args) in [
        ("06_io_bound", Signal::INT, ["--tasks=100", "--latency=5"]),
        ("06b_sweep", Signal::TERM, ["--workers=1,2,3,4,100", "--tasks=50"]),
    ] {
        let program = Program::new(step);
        for lines in 0..=6 {
            let mut command = program.as_user(&[]);
            command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            // Kept open until the step has ended: one whose reader has gone ends by itself.
            let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
            let seen: Vec<_> = output.by_ref().take(lines).collect::<Result<_, _>>().unwrap();
            let signal = if lines == 0 { Signal::TERM } else { signal };
            kill_process(Pid::from_child(&child), signal).unwrap();
            let ended = child.wait_with_output().unwrap();
            let errors = String::from_utf8_lossy(&ended.stderr);
            assert_eq!(ended.status.signal(), Some(signal.as_raw()), "{seen:?}: {errors}");
            assert!(!errors.contains("Error: "), "{seen:?}: {errors}");
            wait_until_nobody_has(program.free_folder().to_str().unwrap());
            assert_eq!(names_in(&program.free_folder()), [""; 0], "{seen:?}");
        }
    }
}

#[test]
fn help_and_bad_values() {
    for (step, flags) in [
        ("06_io_bound", ["--tasks <LIST>", "--workers <N>", "--latency <MS>", "[default: 4,200]"]),
        ("06b_sweep", ["--tasks <N>", "--workers <LIST>", "--latency <MS>", "--at-once <N>"]),
    ] {
        let help = Step::new(step).arg("--help").run();
        for flag in flags.into_iter().chain(["--timeline <FILE>"]) {
            assert!(help.stdout.contains(flag), "{flag}: {}", help.stdout);
        }
        for bad in [
            "--tasks=0",
            "--tasks=4,many",
            "--tasks=20000",
            "--workers=0",
            "--workers=1,,2",
            "--workers=4097",
            "--latency=-1",
            "--latency=slow",
            "--at-once=0",
        ] {
            let run = Step::new(step).arg(bad).run();
            assert_eq!(run.status.code(), Some(2), "{step} {bad}: {}", run.stderr);
        }
    }
}
