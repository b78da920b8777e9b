fn main() {
    let links = vec!["half-moon.png".to_owned(), "far-galaxy.jpg".to_owned()];
    for link in links {
        println!("Downloading {link}");
    }
    println!("{} links", links.len());
}
