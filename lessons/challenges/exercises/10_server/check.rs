//! The check is the clients, and what makes the thumbnails: so it decides how long each takes, and
//! sees who is at work when.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use challenges::{
    AtWork, Judged, Meeting, check, let_others_come, others_sleep, require, wait_until,
};
use desk::{Desk, Reply, is_made, names, thumbnail};

mod desk;
challenges::answer!("../../../../challenges/10_server.rs");

/// Nobody reaches this deadline.
const NEVER: Duration = Duration::from_secs(3600);
/// Everybody here waits for this one.
const SOON: Duration = Duration::from_millis(300);
/// How many times a slow client comes, on a machine on which it's slower than it should be.
const TRIES: usize = 50;

const POOL: &str = "03_pool.md#the-pool-by-hand";
const WRONG: &str = "04_futures.md#what-goes-wrong";
const PRESSURE: &str = "10_pipeline.md#back-pressure";
const LIMITS: &str = "08_downloader.md#inside-clientfetch";

fn main() {
    check("10_server", |check| {
        check.expect_panic("no picture");
        check.part("1. each client gets its thumbnail", each_its_own)?;
        check.part("2. as many at the same time as workers, whatever panics", || {
            at_once(2).and_then(|()| at_once(5)).and_then(|()| panics())
        })?;
        check.part("3. a 503 for whoever finds no room", || {
            no_room(2, 3).and_then(|()| no_room(1, 1))
        })?;
        check.part("4. a 504 after the deadline, and no work that nobody wants", deadline)?;
        check.part("5. silent clients hold up nobody, and stop waits", || {
            silence().and_then(|()| stops())
        })
    })
}

fn each_its_own() -> Judged {
    let desk = Desk::open(2, 100, NEVER, thumbnail);
    for name in names(20) {
        desk.ask(&name);
        is_made(&name, desk.reply().as_ref().map(|(_, reply)| reply), POOL)?;
    }
    names(20).iter().for_each(|name| desk.ask(name));
    let replies = desk.replies(20);
    names(20).iter().try_for_each(|name| is_made(name, replies.get(name), POOL))?;
    desk.close();
    Ok(())
}

/// All workers meet, again and again. With fewer they would wait in vain.
fn at_once(workers: usize) -> Judged {
    let (at_work, meeting) = (Arc::new(AtWork::new()), Arc::new(Meeting::for_all(workers)));
    let make = {
        let (at_work, meeting) = (Arc::clone(&at_work), Arc::clone(&meeting));
        move |name: &str| {
            let _working = at_work.begin();
            meeting.attend();
            if meeting.meetings() == 1 {
                let_others_come(Duration::from_millis(100)); // one too many would come now
            }
            thumbnail(name)
        }
    };
    let desk = Desk::open(workers, 100, NEVER, make);
    let names = names(4 * workers);
    names.iter().for_each(|name| desk.ask(name));
    let replies = desk.replies(names.len());
    let most = at_work.most();
    require(
        most == workers && meeting.meetings() == 4,
        format!("{workers} thumbnails being made at the same time"),
        format!("{most} at the same time"),
        POOL,
    )?;
    names.iter().try_for_each(|name| is_made(name, replies.get(name), POOL))?;
    desk.close();
    Ok(())
}

/// More panics than there are workers.
fn panics() -> Judged {
    let make = |name: &str| {
        assert!(name.starts_with("good"), "no picture: {name}");
        thumbnail(name)
    };
    let desk = Desk::open(2, 100, NEVER, make);
    for n in 0..5 {
        desk.ask(&format!("bad{n}"));
        let reply = desk.reply().map(|(_, reply)| reply);
        require(
            reply.as_ref().is_some_and(|reply| reply.status == Some(500)),
            "status 500 if `make` panics",
            Reply::shown(reply.as_ref()),
            WRONG,
        )?;
    }
    desk.ask("good.png");
    is_made("good.png", desk.reply().as_ref().map(|(_, reply)| reply), WRONG)?;
    desk.close();
    Ok(())
}

/// `make` waits until the check says go.
fn held(
    go: &Arc<OnceLock<()>>,
    at_work: &Arc<AtWork>,
) -> impl Fn(&str) -> Vec<u8> + Send + Sync + use<> {
    let (go, at_work) = (Arc::clone(go), Arc::clone(at_work));
    move |name: &str| {
        let _working = at_work.begin();
        go.wait();
        thumbnail(name)
    }
}

/// All workers are at work, and nobody is done. Of many who come then, as many wait as may, and all
/// others are sent away.
fn no_room(workers: usize, waiting: usize) -> Judged {
    const MORE: usize = 10;
    let (go, at_work) = (Arc::default(), Arc::new(AtWork::new()));
    let desk = Desk::open(workers, waiting, NEVER, held(&go, &at_work));
    for (n, name) in names(workers).iter().enumerate() {
        desk.ask(name);
        let begins = wait_until(|| at_work.now() > n);
        require(begins, format!("{workers} workers for {workers} clients"), format!("{n}"), POOL)?;
    }
    let all = names(workers + waiting + MORE);
    all[workers..].iter().for_each(|name| desk.ask(name));
    let sent_away = desk.replies(MORE);
    let is_sent_away = sent_away.len() == MORE && sent_away.values().all(|r| r.status == Some(503));
    let other = sent_away.values().find(|reply| reply.status != Some(503));
    require(
        is_sent_away,
        format!(
            "{workers} thumbnails being made, {waiting} requests that wait, and a 503 for the {MORE} \
             other clients, at once"
        ),
        match other {
            Some(other) => format!("one of them got {}", Reply::shown(Some(other))),
            None => format!("{} of them have a reply, and the others wait", sent_away.len()),
        },
        PRESSURE,
    )?;
    require(
        others_sleep(),
        "that whoever waits is asleep, because the workers need the cores",
        "a busy loop",
        POOL,
    )?;
    let too_many = desk.replies.try_recv().ok();
    require(
        too_many.is_none(),
        format!("that {waiting} requests may wait while all workers are busy"),
        format!("one of them got {}", Reply::shown(too_many.as_ref().map(|(_, reply)| reply))),
        PRESSURE,
    )?;
    let _ = go.set(());
    let served = desk.replies(workers + waiting);
    let stayed = all.iter().filter(|name| !sent_away.contains_key(*name));
    stayed.into_iter().try_for_each(|name| is_made(name, served.get(name), PRESSURE))?;
    is_made("later.png", desk.ask_until_served("later.png").as_ref(), PRESSURE)?;
    desk.close();
    Ok(())
}

/// One is being made, and two wait, until long after their deadline.
fn deadline() -> Judged {
    let (go, made) = (Arc::new(OnceLock::new()), Arc::new(Mutex::new(Vec::new())));
    let make = {
        let (go, made) = (Arc::clone(&go), Arc::clone(&made));
        move |name: &str| {
            made.lock().expect("nobody panics here").push(name.to_owned());
            go.wait();
            thumbnail(name)
        }
    };
    // Another server, whose deadline nobody reaches.
    let (later, at_work) = (Arc::default(), Arc::new(AtWork::new()));
    let patient = Desk::open(1, 1, NEVER, held(&later, &at_work));
    patient.ask("patient.png"); // which has an hour
    wait_until(|| at_work.now() == 1);
    let desk = Desk::open(1, 3, SOON, make);
    let begin = Instant::now();
    desk.ask("first.png");
    wait_until(|| !made.lock().expect("nobody panics here").is_empty());
    desk.ask("second.png");
    desk.ask("third.png");
    for _ in 0..3 {
        let reply = desk.reply();
        let (name, reply) = reply.map_or(("one of three".to_owned(), None), |(n, r)| (n, Some(r)));
        require(
            reply.as_ref().is_some_and(|reply| reply.status == Some(504)),
            format!("for {name}: status 504 after the deadline, even while `make` goes on"),
            Reply::shown(reply.as_ref()),
            LIMITS,
        )?;
        require(
            begin.elapsed() >= SOON,
            format!("no 504 before {SOON:?} have passed"),
            format!("one after {:?}", begin.elapsed()),
            LIMITS,
        )?;
    }
    others_sleep(); // whoever had a deadline by now has been told
    let _ = later.set(());
    let reply = patient.reply().map(|(_, reply)| reply);
    is_made("patient.png", reply.as_ref(), LIMITS)?;
    patient.close();
    let _ = go.set(());
    // On a busy machine this one may come too late, and is asked for again.
    is_made("later.png", desk.ask_until_served("later.png").as_ref(), LIMITS)?;
    desk.close();
    let made = made.lock().expect("nobody panics here");
    let for_nobody = made.iter().find(|name| ["second.png", "third.png"].contains(&name.as_str()));
    require(
        for_nobody.is_none(),
        "that nothing is made whose client has had a 504 while it waited",
        format!("{} was made, for nobody", for_nobody.map_or("", String::as_str)),
        LIMITS,
    )
}

/// More silent clients than workers, and another one who asks. Then they get a 504.
fn silence() -> Judged {
    let desk = Desk::open(2, 10, NEVER, thumbnail);
    let silent: Vec<_> = (0..4).map(|_| TcpStream::connect(desk.address)).collect();
    desk.ask("cat.png");
    is_made("cat.png", desk.reply().as_ref().map(|(_, reply)| reply), LIMITS)?;
    drop(silent);
    desk.close();

    let desk = Desk::open(1, 10, SOON, thumbnail);
    desk.be_silent("a client that says nothing");
    is_too_late(desk.reply().as_ref())?;
    for _ in 0..TRIES {
        let pace = desk.spell("a client that sends a letter now and then");
        let reply = desk.reply();
        is_too_late(reply.as_ref())?;
        // After a long pause, on a busy machine, a time-out for each read brings that about, too.
        if pace.longest() < SOON {
            break;
        }
    }
    desk.close();
    Ok(())
}

fn is_too_late(reply: Option<&(String, Reply)>) -> Judged {
    require(
        reply.is_some_and(|(_, reply)| reply.status == Some(504)),
        "status 504 for clients that don't say in time what they want: those that say nothing, and those \
         that send a letter now and then",
        match reply {
            Some((name, reply)) => format!("for {name}: {}", Reply::shown(Some(reply))),
            None => "no reply for one of them".to_owned(),
        },
        LIMITS,
    )
}

/// Two are being made and one waits when the server is told to stop. They go on once it is asleep,
/// because it waits for them, or has returned.
fn stops() -> Judged {
    let (go, at_work) = (Arc::default(), Arc::new(AtWork::new()));
    let mut desk = Desk::open(2, 1, NEVER, held(&go, &at_work));
    names(2).iter().for_each(|name| desk.ask(name));
    wait_until(|| at_work.now() == 2);
    // If one of these is sent away, the other has been let in.
    desk.ask("2.png");
    desk.ask("3.png");
    let sent_away = desk.replies(1);
    let has_returned = Arc::new(AtomicBool::new(false));
    let keeper = {
        let (go, has_returned) = (Arc::clone(&go), Arc::clone(&has_returned));
        thread::spawn(move || {
            others_sleep();
            let too_early = has_returned.load(SeqCst);
            let _ = go.set(());
            too_early
        })
    };
    desk.server.take().expect("it was open").stop();
    has_returned.store(true, SeqCst);
    let at_work = at_work.now();
    let too_early = keeper.join().expect("no panic here");
    require(
        !too_early && at_work == 0,
        "that `stop` returns once nobody is at work any more",
        "it returned while thumbnails were being made: who waits for them?",
        POOL,
    )?;
    let replies = desk.replies(3);
    let stayed = names(4).into_iter().filter(|name| !sent_away.contains_key(name));
    stayed.into_iter().try_for_each(|name| is_made(&name, replies.get(&name), POOL))?;
    require(
        TcpStream::connect(desk.address).is_err(),
        "that no client can connect after `stop`, because nobody listens",
        "one could: who still has the listener?",
        POOL,
    )
}
