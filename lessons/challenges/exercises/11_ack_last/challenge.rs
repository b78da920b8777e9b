// Store, then ack.
//
// A worker asks a server for tasks. The server keeps a task until it hears `ack`. If it doesn't,
// because the worker has died or has said nothing, it delivers the task once more: each task comes
// *at least* once. Write the loop of the worker. For each delivery
//
// - do the task, once: `work(task)`. Store its result, and then ack;
// - but if its result is there already, ack, and don't do it again;
// - if the task fails, leave it to the server, which will deliver it again, and go on with the next
//   one;
// - only if it fails on its fifth delivery, or a later one, bury it with its reason: it becomes a
//   *dead letter*, for someone to look at. Then ack;
// - end when there are no tasks left, or with the error if the server can't be reached.
//
// The worker may die at any moment, between any two calls. Then another one gets whatever it hasn't
// acked.

pub const DELIVERIES: u32 = 5;

pub trait Server {
    /// Waits for a task. `None` if there is none left, `Err` if the server can't be reached.
    fn fetch(&self) -> Result<Option<Delivery>, String>;
    /// Whether there is a result for this task.
    fn is_stored(&self, task: u32) -> bool;
    fn store(&self, task: u32, result: u64);
    /// Puts a task among the dead letters.
    fn bury(&self, task: u32, reason: &str);
    /// The server forgets this task.
    fn ack(&self, task: u32);
}

#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    pub task: u32,
    /// How many times it has been delivered, including this time.
    pub times: u32,
}

pub fn run(server: &dyn Server, work: impl Fn(u32) -> Result<u64, String>) -> Result<(), String> {
    while let Some(Delivery { task, times }) = server.fetch()? {
        todo!("task {task}, delivered {times} times so far: {:?}", work(task));
    }
    Ok(())
}
