// Start ten, then wait for ten.
//
// `run_all` gets a list of tasks. It starts all of them at the same time, each in a thread of its
// own, and returns what they return:
//
// - in the order of the tasks, no matter which ends first;
// - and only once the last of them has ended.
//
// There may be more than ten. While it waits, it sleeps.
//
// A task is a boxed closure: `task()` calls it. It may move to another thread, and it can be called
// once. Don't worry about panics here: `expect("no task panics")` will do.

pub type Task = Box<dyn FnOnce() -> u32 + Send>;

pub fn run_all(tasks: Vec<Task>) -> Vec<u32> {
    todo!("start all {} tasks, then join them", tasks.len())
}
