// ANCHOR: fix
fn main() {
    let links = ["half-moon.png", "nowhere.jpg", "far-galaxy.jpg"];
    let mut saved = 0;
    for outcome in links.map(download) {
        match outcome {
            Ok(_) => saved += 1,
            Err(reason) => println!("failed: {reason}"),
        }
    }
    println!("{saved} of {} saved", links.len());
}
// ANCHOR_END: fix

fn download(link: &str) -> Result<usize, String> {
    match link {
        "nowhere.jpg" => Err(format!("{link}: 404 Not Found")),
        _ => Ok(link.len()),
    }
}
