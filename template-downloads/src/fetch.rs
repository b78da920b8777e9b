//! From a link to its bytes: time-outs, retries, and patience with servers that ask for it.

use std::time::{Duration, Instant, SystemTime};
use std::{collections::HashMap, sync::Condvar, sync::Mutex, thread};

use anyhow::{Context, Result, anyhow, bail, ensure};
use ureq::http::{Response, Uri};
use ureq::{Agent, Body};

/// How long to wait, how often to try, how much to take.
#[derive(Debug, Clone, clap::Args)]
pub struct Limits {
    /// How long one attempt may take, in seconds
    #[arg(long, value_name = "S", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub time_out: u64,
    /// How many times to ask for a link before giving up
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub attempts: u32,
    /// The longest Retry-After that is waited for, in seconds
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub longest_wait: u64,
    /// The largest download, in bytes
    #[arg(long, value_name = "N", default_value_t = 256 << 20)]
    pub most_bytes: u64,
    /// How many downloads at a time from one host
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    pub per_host: u16,
    /// How long to wait between two requests to one host, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=3_600_000))]
    pub pause: u64,
}

/// What was downloaded from a link.
pub struct Download {
    /// The link, as the list has it.
    pub link: String,
    pub bytes: Vec<u8>,
}

/// One for the whole program: it keeps connections open for the next link.
pub struct Client {
    agent: Agent,
    limits: Limits,
    hosts: Mutex<HashMap<String, Host>>,
    less_busy: Condvar,
}

struct Host {
    /// How many downloads are under way.
    busy: u16,
    /// When the next one may begin.
    next: Instant,
}

/// Whether another attempt could help, and how long the server asks us to wait for it.
enum Failed {
    ForNow(anyhow::Error, Option<Duration>),
    ForGood(anyhow::Error),
}

impl Client {
    pub fn new(limits: Limits) -> Self {
        let config = Agent::config_builder()
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(Duration::from_secs(limits.time_out)))
            .http_status_as_error(false)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")));
        let agent = config.build().into();
        Client { agent, limits, hosts: Mutex::default(), less_busy: Condvar::new() }
    }

    /// Asks until there is an answer, or until it's pointless to go on.
    pub fn fetch(&self, link: &str) -> Result<Download> {
        let host = host(link)?;
        for attempt in 1.. {
            let (error, wait) = match self.at(&host, || self.ask(link)) {
                Ok(bytes) => return Ok(Download { link: link.to_owned(), bytes }),
                Err(Failed::ForGood(error)) => return Err(error),
                Err(Failed::ForNow(error, wait)) => (error, wait),
            };
            if attempt == self.limits.attempts {
                bail!("{error} ({attempt} attempt(s))");
            }
            let longest = Duration::from_secs(self.limits.longest_wait);
            if let Some(wait) = wait.filter(|wait| *wait > longest) {
                bail!("{error}, and to try again in {} s: run this again then", wait.as_secs());
            }
            // Half a second, one, two, …, and never at the same time as everybody else.
            let backoff = Duration::from_millis(500) * (1 << attempt.min(6)) / 2;
            thread::sleep(wait.unwrap_or_else(|| backoff.mul_f64(0.5 + fastrand::f64())));
        }
        unreachable!("the loop returns")
    }

    fn ask(&self, link: &str) -> Result<Vec<u8>, Failed> {
        let mut answer = self.agent.get(link).call().map_err(why)?;
        match answer.status().as_u16() {
            200 => {}
            status @ (408 | 429 | 500 | 502..=504) => {
                let error = anyhow!("the server says {status}");
                return Err(Failed::ForNow(error, retry_after(&answer)));
            }
            status => return Err(Failed::ForGood(anyhow!("the server says {status}"))),
        }
        answer.body_mut().with_config().limit(self.limits.most_bytes).read_to_vec().map_err(why)
    }

    /// Waits for a free place at this host and until `--pause` is over, and holds the place while
    /// `ask` runs.
    fn at<R>(&self, name: &str, ask: impl FnOnce() -> R) -> R {
        let is_full = |hosts: &mut HashMap<String, Host>| {
            hosts.get(name).is_some_and(|host| host.busy >= self.limits.per_host)
        };
        let hosts = self.hosts.lock().expect("nobody panics with it");
        let mut hosts = self.less_busy.wait_while(hosts, is_full).expect("nobody panics with it");
        let new = || Host { busy: 0, next: Instant::now() };
        let host = hosts.entry(name.to_owned()).or_insert_with(new);
        host.busy += 1;
        let begin = host.next.max(Instant::now());
        host.next = begin + Duration::from_millis(self.limits.pause);
        drop(hosts);
        thread::sleep(begin.saturating_duration_since(Instant::now()));
        let answer = ask(); // a panic would lose the place, but ureq doesn't panic
        let mut hosts = self.hosts.lock().expect("nobody panics with it");
        hosts.get_mut(name).expect("it is there").busy -= 1;
        drop(hosts);
        self.less_busy.notify_all();
        answer
    }
}

fn host(link: &str) -> Result<String> {
    let uri: Uri = link.parse().context("this isn't a link")?;
    ensure!(
        matches!(uri.scheme_str(), Some("http" | "https")),
        "only http and https links can be downloaded"
    );
    Ok(uri.host().context("this link names no host")?.to_lowercase())
}

fn why(error: ureq::Error) -> Failed {
    use ureq::Error::*;
    match error {
        Timeout(_) => Failed::ForNow(anyhow!("no whole answer in time"), None),
        Io(error) => Failed::ForNow(anyhow!("the connection broke: {error}"), None),
        ConnectionFailed | HostNotFound => Failed::ForNow(error.into(), None),
        BodyExceedsLimit(limit) => Failed::ForGood(anyhow!("more than {limit} bytes")),
        error => Failed::ForGood(error.into()),
    }
}

/// Seconds, or a date.
fn retry_after(answer: &Response<Body>) -> Option<Duration> {
    let value = answer.headers().get("retry-after")?.to_str().ok()?.trim();
    let seconds = value.parse().map(Duration::from_secs).ok();
    seconds.or_else(|| {
        let date = httpdate::parse_http_date(value).ok()?;
        Some(date.duration_since(SystemTime::now()).unwrap_or_default())
    })
}
