use std::fs::{self, File};
use std::io::{BufWriter, Write};

fn main() {
    {
        let mut page = BufWriter::new(File::create("page.txt").unwrap());
        page.write_all(b"hello").unwrap();
        println!("{}", fs::read("page.txt").unwrap().len());
    }
    println!("{}", fs::read("page.txt").unwrap().len());
}
