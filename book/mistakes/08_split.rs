fn main() {
    let link = "http://gallery.example/pictures/half-moon.png";
    let name = link.split('/')[-1];
    println!("Saved {name}");
}
