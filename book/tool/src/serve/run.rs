//! One run, of a step or of a challenge's check: built, started, watched, ended.
//!
//! A request is a run. What happens goes into its answer, one JSON object a line, as it happens. When the
//! page lets go of the answer (Stop, another page, a closed window) the run ends, with all that it has
//! started; so it does at its limit.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use hands::timeline::Trace;
use rustix::process::{Pid, Signal, kill_process_group};
use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_stream::wrappers::ReceiverStream;

use super::Book;
use super::runs::{self, Granted, Wish};
use crate::record::{Figure, Recording};

/// How long a check may take with all that it compiles. It has a limit of its own for the answer, which is far
/// less.
const LONGEST_CHECK: Duration = Duration::from_secs(15 * 60);
/// How much of its output the page gets.
const MOST_OUTPUT: usize = 1 << 20;

/// How large a trace the page gets to save.
const LARGEST_TRACE: usize = 8 << 20;

/// What the page is told.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Told {
    /// Cargo builds the step: what it says.
    Build { text: String },
    /// It does not compile: what the compiler says.
    Broken { text: String },
    /// The step runs.
    Start { command: String },
    /// The step has printed something.
    Output { text: String },
    /// It has printed more than the page gets.
    Capped { bytes: usize },
    /// It has ended.
    End {
        how: String,
        success: bool,
        seconds: f64,
        figures: Vec<Figure>,
        /// The file that a viewer opens, if there is one and it is not too large.
        trace: Option<String>,
    },
}

/// Where it goes. An error: the page has let go.
#[derive(Clone)]
struct Page(mpsc::Sender<Result<Bytes, std::convert::Infallible>>);

struct Gone;

impl Page {
    async fn tell(&self, told: Told) -> Result<(), Gone> {
        let mut line = serde_json::to_vec(&told).expect("plain text and numbers");
        line.push(b'\n');
        self.0.send(Ok(line.into())).await.map_err(|_| Gone)
    }
}

/// Runs what the page wishes for, if nothing else runs.
pub(super) async fn run(
    State(book): State<Arc<Book>>,
    Json(wish): Json<Wish>,
) -> Result<Response, (StatusCode, String)> {
    let granted = runs::granted(&book, &wish)?;
    let Ok(turn) = Arc::clone(&book.turn).try_acquire_owned() else {
        let why = "another run is on: wait for its end, or stop it\n";
        return Err((StatusCode::CONFLICT, why.to_owned()));
    };
    let (sender, receiver) = mpsc::channel(64);
    tokio::spawn(async move {
        let page = Page(sender);
        let gone = page.clone();
        tokio::select! {
            // What is dropped here kills what it has started.
            () = gone.0.closed() => {}
            told = build_and_run(&book, granted, &page) => {
                if let Err(error) = told {
                    let how = format!("{error:#}");
                    let (success, seconds, figures, trace) = (false, 0.0, Vec::new(), None);
                    let end = Told::End { how, success, seconds, figures, trace };
                    page.tell(end).await.ok();
                }
            }
        }
        drop(turn);
    });
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, Body::from_stream(ReceiverStream::new(receiver))).into_response())
}

async fn build_and_run(book: &Book, granted: Granted, page: &Page) -> anyhow::Result<()> {
    match granted {
        Granted::Step(recording, args) => step(book, &recording, &args, page).await,
        Granted::Challenge(name) => challenge(book, &name, page).await,
    }
}

/// Builds a step and runs it, with a timeline at the end.
async fn step(
    book: &Book,
    recording: &Recording,
    args: &[String],
    page: &Page,
) -> anyhow::Result<()> {
    let step = recording.step().context("it is a benchmark")?;
    let release = recording.is_release().then_some("--release");
    let features = harness::features(step).iter().flat_map(|feature| ["--features", feature]);
    let target = ["--example", step].into_iter().chain(release).chain(features);
    let Ok(built) = build(&book.root, step, target, page).await? else {
        return Ok(()); // the page knows
    };
    let folder = tempfile::tempdir().context("there is no room for what the step saves")?;
    let trace = folder.path().join("timeline.json");
    let mut command = Command::new(built);
    command.args(args).arg("--timeline").arg(&trace).current_dir(&book.root);
    if step >= "08" {
        command.arg("--out").arg(folder.path().join("out"));
    }
    let shown: Vec<&str> = std::iter::once(step).chain(args.iter().map(String::as_str)).collect();
    let Ok((ended, seconds)) = watch(command, shown.join(" "), book.limit, page).await? else {
        return Ok(());
    };
    let figures = Trace::read(&trace).map(|mine| recording.compared(&book.root, &mine));
    let figures = figures.unwrap_or_default(); // it may have been stopped before it wrote one
    let (how, success) = match ended {
        Some(status) => (how(status), status.success()),
        None => (too_long(book.limit), false),
    };
    let trace = std::fs::read_to_string(&trace).ok().filter(|json| json.len() <= LARGEST_TRACE);
    page.tell(Told::End { how, success, seconds, figures, trace }).await.ok();
    Ok(())
}

/// Checks a challenge, as `cargo challenge NAME` does.
async fn challenge(book: &Book, name: &str, page: &Page) -> anyhow::Result<()> {
    let target = ["--package", "challenges", "--bin", "challenge"];
    let Ok(built) = build(&book.root, "challenge", target, page).await? else { return Ok(()) };
    let mut command = Command::new(built);
    command.arg(name).current_dir(&book.root);
    let shown = format!("cargo challenge {name}");
    let Ok((ended, seconds)) = watch(command, shown, LONGEST_CHECK, page).await? else {
        return Ok(());
    };
    let (how, success) = match ended {
        Some(status) if status.success() => ("done".to_owned(), true),
        Some(status) if status.code() == Some(1) => ("not yet".to_owned(), false),
        Some(status) => (how(status), false),
        None => (too_long(LONGEST_CHECK), false),
    };
    let (figures, trace) = (Vec::new(), None);
    page.tell(Told::End { how, success, seconds, figures, trace }).await.ok();
    Ok(())
}

/// Builds a program as the reader would. What cargo says goes to the page, line by line.
async fn build(
    root: &Path,
    name: &str,
    target: impl IntoIterator<Item = &str>,
    page: &Page,
) -> anyhow::Result<Result<PathBuf, Gone>> {
    let mut command = Command::from(harness::cargo());
    command
        .current_dir(root)
        .args(["build", "--message-format=json-render-diagnostics"])
        .args(target)
        .env("CARGO_TERM_COLOR", "never");
    let mut cargo = Running::start(command).context("cargo cannot be started")?;
    let stdout = read_all(cargo.child.stdout.take());
    let mut lines = BufReader::new(cargo.child.stderr.take().context("no output")?).lines();
    let told = async {
        let mut said = String::new();
        while let Ok(Some(line)) = lines.next_line().await {
            if said.len() < MOST_OUTPUT {
                said += &line;
                said.push('\n');
            }
            page.tell(Told::Build { text: line + "\n" }).await?;
        }
        Ok::<_, Gone>(said)
    };
    let (messages, said) = tokio::join!(stdout, told);
    let Ok(said) = said else { return Ok(Err(Gone)) };
    let status = cargo.child.wait().await.context("cargo is lost")?;
    if !status.success() {
        page.tell(Told::Broken { text: said }).await.ok();
        return Ok(Err(Gone));
    }
    let built = harness::executable(&messages, name);
    built.with_context(|| format!("cargo has built no program for {name}")).map(Ok)
}

/// Runs the program, `shown` as that, to its end or to its limit (None), and says how many seconds it took.
async fn watch(
    command: Command,
    shown: String,
    limit: Duration,
    page: &Page,
) -> anyhow::Result<Result<(Option<ExitStatus>, f64), Gone>> {
    if page.tell(Told::Start { command: shown }).await.is_err() {
        return Ok(Err(Gone));
    }
    let start = Instant::now();
    let mut step = Running::start(command).context("it cannot be started")?;
    let (stdout, stderr) = (step.child.stdout.take(), step.child.stderr.take());
    let left = Arc::new(std::sync::Mutex::new(MOST_OUTPUT));
    let forward = async {
        let (one, other) = tokio::join!(
            forward(stdout, page, Arc::clone(&left)),
            forward(stderr, page, Arc::clone(&left))
        );
        one.and(other)
    };
    let end = async {
        forward.await?; // both are closed when it ends, and when all that it started has
        Ok(step.child.wait().await)
    };
    let ended = tokio::select! {
        ended = end => match ended {
            Ok(status) => Some(status.context("it is lost")?),
            Err(Gone) => return Ok(Err(Gone)),
        },
        () = sleep(limit) => None,
    };
    Ok(Ok((ended, start.elapsed().as_secs_f64())))
}

/// Gives the page what comes, until nothing more comes or it has had enough. The rest is read and thrown
/// away: the step must not wait.
async fn forward(
    pipe: Option<impl AsyncRead + Unpin>,
    page: &Page,
    left: Arc<std::sync::Mutex<usize>>,
) -> Result<(), Gone> {
    let Some(mut pipe) = pipe else { return Ok(()) };
    let (mut part, mut rest) = (vec![0; 8 * 1024], Vec::new());
    while let Ok(length @ 1..) = pipe.read(&mut part).await {
        let (room, last) = {
            let mut left = left.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let room = length.min(*left);
            *left -= room;
            (room, room > 0 && *left == 0)
        };
        rest.extend_from_slice(&part[..room]);
        // A letter that is not whole yet waits for its other bytes.
        let whole = match str::from_utf8(&rest) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => rest.len(),
        };
        let text = String::from_utf8_lossy(&rest[..whole]).into_owned();
        rest.drain(..whole);
        if !text.is_empty() {
            page.tell(Told::Output { text }).await?;
        }
        if last {
            page.tell(Told::Capped { bytes: MOST_OUTPUT }).await?;
        }
    }
    Ok(())
}

async fn read_all(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let mut text = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut text).await.ok();
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// A program with a process group of its own, which is killed when this is dropped.
struct Running {
    child: Child,
    group: Option<Pid>,
}

impl Running {
    fn start(mut command: Command) -> std::io::Result<Running> {
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let group = child.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        Ok(Running { child, group })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Its worker processes have groups of their own, and end when it has.
        if let Some(group) = self.group {
            kill_process_group(group, Signal::KILL).ok();
        }
    }
}

fn too_long(limit: Duration) -> String {
    format!("stopped: it ran for more than {} s", limit.as_secs())
}

fn how(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}
