use std::collections::HashMap;

fn main() {
    let results = [("half-moon.png", 4_310), ("far-galaxy.jpg", 5_120), ("half-moon.png", 4_310)];
    // ANCHOR: fix
    let mut saved = HashMap::new();
    for (link, size) in results {
        saved.insert(link, size);
    }
    println!("{} pictures, {} bytes", saved.len(), saved.values().sum::<u32>());
    // ANCHOR_END: fix
}
