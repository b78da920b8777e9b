fn main() {
    let links = ["7", "moon", "100"];
    let downloaded = links.map(|link| link.parse::<u8>().map_err(|_| format!("{link}: no number")));
    let processed = downloaded
        .map(|passed| passed.and_then(|n| n.checked_mul(3).ok_or(format!("{n}: too bright"))));
    for entry in processed {
        println!("{entry:?}");
    }
}
