use std::fs::File;
use std::io::{self, BufWriter, Write};

// ANCHOR: fix
fn main() -> io::Result<()> {
    let mut report = BufWriter::new(File::create("report.txt")?);
    writeln!(report, "200 files written, read back and closed")?;
    report.flush() // an error of the disk is an error of main
}
// ANCHOR_END: fix
