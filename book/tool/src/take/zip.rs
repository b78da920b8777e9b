//! A ZIP archive whose files are stored as they are, which is all that an EPUB asks for.

use flate2::Crc;

/// The archive with these files, in this order.
pub(super) fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let place = length(out.len());
        let mut crc = Crc::new();
        crc.update(content);
        let mut about = Vec::new();
        about.extend([20, 0, 0, 0, 0, 0]); // version 2.0, no flags, stored
        about.extend([0, 0, 0x21, 0]); // midnight of 1980-01-01: the same input gives the same file
        about.extend(crc.sum().to_le_bytes());
        about.extend(length(content.len()).to_le_bytes());
        about.extend(length(content.len()).to_le_bytes());
        about.extend((name.len() as u16).to_le_bytes());
        about.extend([0, 0]);
        out.extend(*b"PK\x03\x04");
        out.extend(&about);
        out.extend(name.as_bytes());
        out.extend(content);
        directory.extend(*b"PK\x01\x02\x14\0");
        directory.extend(about);
        directory.extend([0; 10]); // no comment, the first disk, no attributes
        directory.extend(place.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (start, count) = (length(out.len()), (files.len() as u16).to_le_bytes());
    out.extend(&directory);
    out.extend(*b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].as_flattened());
    out.extend(length(directory.len()).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn length(length: usize) -> u32 {
    u32::try_from(length).expect("a book has less than 4 GiB")
}
