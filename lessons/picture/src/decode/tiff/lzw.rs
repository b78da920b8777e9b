//! LZW, as in TIFF (TIFF 6.0, section 13): codes of 9 to 12 bits, the highest bit first.
//!
//! Every string in the table was written before, so the table has only its place and its length,
//! and decoding a code means copying a few bytes from there. The crate for it (`weezl`) follows
//! chains of bytes backwards, and takes more than twice as long.

const CLEAR: usize = 256;
const END: usize = 257;
const MOST: usize = 1 << 12;

/// How many bytes are copied at a time. Most strings are shorter.
const STEP: usize = 16;

/// The place and the length of a string.
#[derive(Clone, Copy, Default)]
struct Place {
    start: u32,
    length: u32,
}

/// At most `length` bytes. None if a code has no meaning.
#[inline(never)] // so that its few variables stay in registers
pub(super) fn decode(stored: &[u8], length: usize) -> Option<Vec<u8>> {
    // After the result there is room for the last copy to be too long, and then a string of one for
    // each byte: so all codes take the same work, and there is no branch to predict.
    let bytes_at = length + STEP;
    let mut unpacked = vec![0_u8; bytes_at + 256 + STEP];
    let mut table = [Place::default(); MOST + 1]; // the last one is for strings that no longer fit
    for byte in 0..=255 {
        unpacked[bytes_at + usize::from(byte)] = byte;
        table[usize::from(byte)] =
            Place { start: (bytes_at + usize::from(byte)) as u32, length: 1 };
    }

    let mut codes = Codes { stored, bit: 0 };
    let (mut at, mut width) = (0, 9);
    // The first code adds no string: its place in the table is that of the code for the end.
    let mut next = END;
    let mut length_before = 0;
    while at < length {
        let Some(code) = codes.next(width) else { break };
        let string = table[code & (MOST - 1)];
        let (mut start, mut fits) = (string.start as usize, string.length as usize);
        if code >= next || code == CLEAR || code == END {
            if code == CLEAR {
                (width, next) = (9, END);
                continue;
            } else if code == END {
                break;
            } else if code > next || length_before == 0 {
                return None;
            }
            // The last string and its own first byte, which is the string that is about to be
            // added.
            (start, fits) = (at - length_before, length_before + 1);
        }
        table[next.min(MOST)] =
            Place { start: (at - length_before) as u32, length: length_before as u32 + 1 };
        next += usize::from(next < MOST);
        if next + 1 >= 1 << width && width < 12 {
            width += 1;
        }
        fits = fits.min(length - at);
        copy(&mut unpacked, start, at, fits);
        length_before = fits;
        at += fits;
    }
    unpacked.truncate(at);
    Some(unpacked)
}

/// Copies forwards, including what it has just copied if the two overlap.
#[inline(always)]
fn copy(bytes: &mut [u8], from: usize, to: usize, length: usize) {
    if to.wrapping_sub(from) < STEP {
        (0..length).for_each(|at| bytes[to + at] = bytes[from + at]);
        return;
    }
    let mut done = 0;
    loop {
        let step: [u8; STEP] =
            bytes[from + done..][..STEP].try_into().expect("the length of a step");
        bytes[to + done..][..STEP].copy_from_slice(&step);
        done += STEP;
        if done >= length {
            break;
        }
    }
}

/// The position of the next code, in bits. Each code is loaded on its own, so that none waits for
/// the last.
struct Codes<'a> {
    stored: &'a [u8],
    bit: usize,
}

impl Codes<'_> {
    #[inline(always)]
    fn next(&mut self, width: u32) -> Option<usize> {
        let byte = self.bit / 8;
        let eight = match self.stored.get(byte..byte + 8) {
            Some(eight) => u64::from_be_bytes(eight.try_into().expect("eight bytes")),
            None => self.last(width)?,
        };
        let code = (eight << (self.bit % 8)) >> (64 - width);
        self.bit += width as usize;
        Some(code as usize)
    }

    /// The last bytes, followed by zeros. None if the code needs more.
    #[cold]
    fn last(&self, width: u32) -> Option<u64> {
        if self.bit + width as usize > self.stored.len() * 8 {
            return None;
        }
        let mut eight = [0; 8];
        let rest = &self.stored[self.bit / 8..];
        eight[..rest.len()].copy_from_slice(rest);
        Some(u64::from_be_bytes(eight))
    }
}
