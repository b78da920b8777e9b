//! The compression of black and white in fax machines (ITU-T T.4 and T.6).

use std::convert::Infallible;

use fax::Color;
use fax::decoder::{DecodeStatus, Group3Decoder, Group4Decoder, pels};

/// Rows of bits, each beginning with a new byte. Black is 1.
pub(super) fn group_4(stored: &[u8], width: usize, rows: usize) -> Option<Vec<u8>> {
    let width = u16::try_from(width).ok()?;
    let mut decoder = Group4Decoder::new(readable(stored), width).ok()?;
    let mut bits = Vec::new();
    for _ in 0..rows {
        if decoder.advance().ok()? == DecodeStatus::End {
            return None;
        }
        push_row(&mut bits, decoder.transition(), width);
    }
    Some(bits)
}

/// The same for the older compression, one-dimensional.
pub(super) fn group_3(stored: &[u8], width: usize, rows: usize) -> Option<Vec<u8>> {
    let width = u16::try_from(width).ok()?;
    let mut decoder = Group3Decoder::new(readable(stored)).ok()?;
    let mut bits = Vec::new();
    for _ in 0..rows {
        decoder.advance().ok()?;
        if decoder.transitions().last() != Some(&width) {
            return None;
        }
        push_row(&mut bits, decoder.transitions(), width);
    }
    Some(bits)
}

/// The decoders look ahead, and miss the last code if nothing follows, so an end of line does.
fn readable(stored: &[u8]) -> impl Iterator<Item = Result<u8, Infallible>> {
    stored.iter().copied().chain([0, 0, 1, 0xff, 0xff]).map(Ok)
}

fn push_row(bits: &mut Vec<u8>, changes: &[u16], width: u16) {
    let start = bits.len();
    bits.resize(start + usize::from(width).div_ceil(8), 0);
    for (at, color) in pels(changes, width).enumerate() {
        bits[start + at / 8] |= u8::from(color == Color::Black) << (7 - at % 8);
    }
}
