use std::sync::mpsc::sync_channel;

fn main() {
    let (sender, pictures) = sync_channel(2);
    let picture = vec![0; 1000];
    sender.send(picture).unwrap();
    println!("sent {} bytes", picture.len());
    drop(sender);
    println!("{} pictures came", pictures.into_iter().count());
}
