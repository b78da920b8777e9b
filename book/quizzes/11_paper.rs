fn main() {
    let (pictures, seconds_of_a_core) = (10e6, 0.050);
    let (hosts, cores) = (4.0, 16.0);
    let seconds = pictures * seconds_of_a_core / (hosts * cores);
    println!("{:.1} hours, {:.0} pictures a second", seconds / 3600.0, pictures / seconds);
}
