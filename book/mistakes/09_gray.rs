fn main() {
    let snow = [250, 250, 255];
    println!("snow becomes {}", gray(snow));
}

fn gray([red, green, blue]: [u8; 3]) -> u8 {
    (red + green + blue) / 3
}
