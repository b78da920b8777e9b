fn main() {
    let snow = [250, 250, 255];
    println!("snow becomes {}", gray(snow));
}

// ANCHOR: fix
fn gray(rgb: [u8; 3]) -> u8 {
    let sum: u32 = rgb.map(u32::from).iter().sum();
    (sum / 3) as u8
}
// ANCHOR_END: fix
