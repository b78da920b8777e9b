use std::fs;
use std::io;
use std::thread;

fn main() -> io::Result<()> {
    thread::scope(|s| {
        for name in ["half-moon.png", "far-galaxy.jpg"] {
            s.spawn(move || {
                let picture = fs::read(name)?;
                println!("{name}: {} bytes", picture.len());
            });
        }
    });
    Ok(())
}
