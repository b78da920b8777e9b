fn main() {
    let results = [("half-moon.png", 4_310), ("far-galaxy.jpg", 5_120), ("half-moon.png", 4_310)];
    let (mut pictures, mut bytes) = (0, 0);
    for (_, size) in results {
        pictures += 1;
        bytes += size;
    }
    println!("{pictures} pictures, {bytes} bytes");
}
