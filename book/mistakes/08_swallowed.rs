fn main() {
    let links = ["half-moon.png", "nowhere.jpg", "far-galaxy.jpg"];
    let saved = links.into_iter().flat_map(download).count();
    println!("All done: {saved} saved");
}

fn download(link: &str) -> Result<usize, String> {
    match link {
        "nowhere.jpg" => Err(format!("{link}: 404 Not Found")),
        _ => Ok(link.len()),
    }
}
