//@ refused: nobody tells the server
// It is done, so there is nothing to do. But the server does not know.

pub const DELIVERIES: u32 = 5;

pub trait Server {
    fn fetch(&self) -> Result<Option<Delivery>, String>;
    fn is_stored(&self, task: u32) -> bool;
    fn store(&self, task: u32, result: u64);
    fn bury(&self, task: u32, reason: &str);
    fn ack(&self, task: u32);
}

#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    pub task: u32,
    pub times: u32,
}

pub fn run(server: &dyn Server, work: impl Fn(u32) -> Result<u64, String>) -> Result<(), String> {
    while let Some(Delivery { task, times }) = server.fetch()? {
        if server.is_stored(task) {
            continue;
        }
        match work(task) {
            Ok(result) => server.store(task, result),
            Err(reason) if times >= DELIVERIES => server.bury(task, &reason),
            Err(_) => continue,
        }
        server.ack(task);
    }
    Ok(())
}
