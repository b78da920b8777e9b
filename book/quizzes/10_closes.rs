use std::sync::mpsc::sync_channel;
use std::thread;

fn main() {
    let (links, to_download) = sync_channel(2);
    let (pictures, to_save) = sync_channel(2);
    thread::spawn(move || {
        for link in to_download {
            pictures.send(link * 10).unwrap();
        }
    });
    for link in 1..=2 {
        links.send(link).unwrap();
    }
    drop(links);
    println!("{:?}", to_save.iter().collect::<Vec<i32>>());
}
