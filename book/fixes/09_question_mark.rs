use std::fs;
use std::io;
use std::thread;

// ANCHOR: fix
fn main() -> io::Result<()> {
    thread::scope(|s| {
        let names = ["half-moon.png", "far-galaxy.jpg"];
        for worker in names.map(|name| s.spawn(move || fs::read(name))) {
            let picture = worker.join().expect("no panic")?;
            println!("{} bytes", picture.len());
        }
        Ok(())
    })
}
// ANCHOR_END: fix
