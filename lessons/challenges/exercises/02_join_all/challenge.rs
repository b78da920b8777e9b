// Start ten, then wait for ten.
//
// `run_all` gets a list of jobs. It starts all of them at the same time, each in a thread of its own, and
// returns what they returned:
//
// - in the order of the jobs, whichever ends first;
// - and not before the last of them has ended.
//
// A job is a boxed closure: `job()` calls it. It may go to another thread, and it can be called once.
// That one of them panics is not your concern here: `expect("no job panics")` will do.

pub type Job = Box<dyn FnOnce() -> u32 + Send>;

pub fn run_all(jobs: Vec<Job>) -> Vec<u32> {
    todo!("start all {} jobs, then join them", jobs.len())
}
