//! A payment counts once, even if its message comes twice, its worker dies before any of its calls,
//! or another worker gets in between.

use std::cell::{Cell, RefCell};
use std::fs::{self, File};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::process;

use answer::{Payment, Shelf, record, total};
use challenges::{Judged, Refusal, check, require, sign_of_life};
use hands::process::{Failure, Process, Task, init};
use tempfile::TempDir;

challenges::answer!("../../../../challenges/11_run_twice.rs");

/// Records payment 1 in a worker that dies before this call of the shelf, or says how many calls it
/// took.
const RECORD: Task<(PathBuf, u32), u32> = Task::new("record", |(path, call)| {
    let folder = Folder::open(&path).before_call(call, |text| {
        fs::write(path.join(LAST), text).expect("room in the temporary folder");
        process::abort()
    });
    record(&folder, FIRST);
    folder.calls.get()
});

const FIRST: Payment = Payment { number: 1, cents: 1 };
const OTHER: Payment = Payment { number: 2, cents: 20 };
const EARLIER: Payment = Payment { number: 3, cents: 300 };

/// A worker that calls the shelf more often than this for one payment is waiting for something.
const CALLS: u32 = 500;

/// Where a worker that dies notes what it was about to do.
const LAST: &str = "last-call";

const PAGE: &str = "11_cluster.md";
const LOST: &str = "07_messages.md#the-update-that-gets-lost";

fn main() {
    init(&[&RECORD]);
    check("11_run_twice", |check| {
        check.if_stuck("no process sees the locks of another. What do the workers share?", PAGE);
        check.part("each payment counts", each_counts)?;
        check.part("a message that comes twice counts once", twice_is_once)?;
        check.part("its worker may die before any of its calls", dies)?;
        check.part("another worker may get in between any two calls", in_between)
    })
}

fn each_counts() -> Judged {
    let shelf = TempShelf::new();
    for payment in [EARLIER, FIRST, OTHER] {
        recorded(&shelf.open(), payment, "undisturbed")?;
    }
    is_total(&shelf, &[EARLIER, FIRST, OTHER], "three payments, each recorded once", PAGE)
}

fn twice_is_once() -> Judged {
    let shelf = TempShelf::new();
    for payment in [EARLIER, FIRST, FIRST, EARLIER] {
        recorded(&shelf.open(), payment, "undisturbed")?;
    }
    is_total(&shelf, &[EARLIER, FIRST], "two payments, and the message of each came twice", PAGE)
}

/// A worker dies before its first call of the shelf, another before its second, and so on. Then the
/// message comes again.
fn dies() -> Judged {
    for call in 1..=CALLS {
        sign_of_life();
        let shelf = TempShelf::new();
        recorded(&shelf.open(), EARLIER, "undisturbed")?;
        let worker =
            Process::spawn(&RECORD, (shelf.0.path().to_owned(), call)).expect("a process starts");
        match worker.join() {
            Ok(_) => break, // there was no such call
            Err(Failure::Crashed { .. }) => {}
            Err(failure) => panic!("payment {} {failure}", FIRST.number),
        }
        let about_to = fs::read_to_string(shelf.0.path().join(LAST)).unwrap_or_default();
        let what = format!("the first worker died just before {about_to}");
        recorded(&shelf.open(), FIRST, &what)?;
        is_total(&shelf, &[EARLIER, FIRST], &format!("{what}, and the message came again"), PAGE)?;
    }
    Ok(())
}

/// Another worker does the whole of its payment before the first call, before the second, and so
/// on.
fn in_between() -> Judged {
    for other in [OTHER, FIRST] {
        for call in 1..=CALLS {
            let shelf = TempShelf::new();
            recorded(&shelf.open(), EARLIER, "undisturbed")?;
            let came = RefCell::new(None);
            let folder = shelf.open().before_call(call, |about_to| {
                let judged =
                    recorded(&shelf.open(), other, "another worker was in the middle of a payment");
                came.replace(Some((judged, about_to.to_owned())));
            });
            recorded(&folder, FIRST, "another worker was in the middle of a payment")?;
            drop(folder);
            let Some((judged, about_to)) = came.take() else { break }; // there was no such call
            judged?;
            let what = format!(
                "payment {} was being recorded, and just before {about_to}, another worker came with payment {}",
                FIRST.number, other.number
            );
            let payments = [EARLIER, FIRST, other];
            let distinct = if other.number == FIRST.number { 2 } else { 3 };
            is_total(&shelf, &payments[..distinct], &what, LOST)?;
        }
    }
    Ok(())
}

/// Records a payment, and refuses an answer that waits for a worker that may have died.
fn recorded(shelf: &Folder<'_>, payment: Payment, what: &str) -> Judged {
    match catch_unwind(AssertUnwindSafe(|| record(shelf, payment))) {
        Ok(()) => Ok(()),
        Err(panic) if panic.is::<Waits>() => Err(Refusal {
            expected: "that no worker waits for another, because that one may have died".to_owned(),
            seen: format!(
                "{what}; the worker that now has payment {} has called the shelf {CALLS} times: it's waiting for another",
                payment.number
            ),
            page: PAGE.to_owned(),
        }),
        Err(panic) => resume_unwind(panic),
    }
}

fn is_total(shelf: &TempShelf, payments: &[Payment], what: &str, page: &str) -> Judged {
    let expected: u64 = payments.iter().map(|payment| payment.cents).sum();
    let seen = total(&shelf.open());
    let list = payments.iter().map(|payment| format!("{} of {}", payment.number, payment.cents));
    let list = list.collect::<Vec<_>>().join(", ");
    let verdict = match seen {
        _ if seen > expected => "something counts twice",
        _ => "something got lost",
    };
    require(
        seen == expected,
        format!("a total of {expected} cents (payments {list})"),
        format!("{seen} cents: {verdict}; {what}"),
        page,
    )
}

/// A folder as the shelf of one worker. Something else may happen before one of its calls.
struct Folder<'a> {
    path: PathBuf,
    calls: Cell<u32>,
    event: RefCell<Option<(u32, Event<'a>)>>,
}

/// What happens before a call, which it gets as text.
type Event<'a> = Box<dyn FnOnce(&str) + 'a>;

/// The panic that stops a worker that waits. Nobody gets to see it.
struct Waits;

impl<'a> Folder<'a> {
    fn open(path: &Path) -> Self {
        Folder { path: path.to_owned(), calls: Cell::new(0), event: RefCell::new(None) }
    }

    fn before_call(self, call: u32, event: impl FnOnce(&str) + 'a) -> Self {
        self.event.replace(Some((call, Box::new(event))));
        self
    }

    /// Where a text is, for a call that begins now.
    fn call(&self, call: &str, name: &str) -> PathBuf {
        assert!(name.len() <= 100, "a name on the shelf has 100 bytes at most");
        self.calls.set(self.calls.get() + 1);
        if self.calls.get() > CALLS {
            resume_unwind(Box::new(Waits));
        }
        let event = self.event.borrow_mut().take_if(|(call, _)| *call == self.calls.get());
        if let Some((_, event)) = event {
            event(&format!("{call}({name:?})"));
        }
        let hex: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
        self.path.join(format!("_{hex}"))
    }
}

impl Shelf for Folder<'_> {
    fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.call("read", name)).ok()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.call("write", name), text).expect("room in the temporary folder");
    }

    fn create(&self, name: &str, text: &str) -> bool {
        match File::create_new(self.call("create", name)) {
            Ok(mut file) => {
                file.write_all(text.as_bytes()).expect("room in the temporary folder");
                true
            }
            Err(_) => false,
        }
    }

    fn remove(&self, name: &str) -> bool {
        fs::remove_file(self.call("remove", name)).is_ok()
    }

    fn names(&self, beginning: &str) -> Vec<String> {
        self.call("names", beginning);
        let files = fs::read_dir(&self.path).expect("the folder of the shelf");
        let name = |file: fs::DirEntry| {
            let file = file.file_name().into_string().ok()?;
            let hex = file.strip_prefix('_')?.as_bytes().chunks(2);
            let bytes = hex.map(|hex| u8::from_str_radix(str::from_utf8(hex).ok()?, 16).ok());
            String::from_utf8(bytes.collect::<Option<_>>()?).ok()
        };
        let names = files.filter_map(|file| name(file.ok()?));
        let mut names: Vec<_> = names.filter(|name| name.starts_with(beginning)).collect();
        names.sort();
        names
    }
}

/// A new shelf. It goes with the check.
struct TempShelf(TempDir);

impl TempShelf {
    fn new() -> Self {
        TempShelf(tempfile::tempdir().expect("a place for a shelf; TMPDIR can name another"))
    }

    fn open<'a>(&self) -> Folder<'a> {
        Folder::open(self.0.path())
    }
}
