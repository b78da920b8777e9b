fn main() {
    let link = "http://gallery.example/pictures/half-moon.png";
    // ANCHOR: fix
    let name = link.rsplit('/').next().unwrap_or("picture");
    // ANCHOR_END: fix
    println!("Saved {name}");
}
