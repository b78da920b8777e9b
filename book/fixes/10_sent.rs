use std::sync::mpsc::sync_channel;

fn main() {
    let (sender, pictures) = sync_channel(2);
    let picture = vec![0; 1000];
    // ANCHOR: fix
    println!("sending {} bytes", picture.len());
    sender.send(picture).unwrap();
    // ANCHOR_END: fix
    drop(sender);
    println!("{} pictures came", pictures.into_iter().count());
}
