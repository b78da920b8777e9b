//! The largest picture that is decoded.

/// The most pixels that a picture may be wide or high.
pub const MAX_SIDE: u32 = 30_000;

/// The most bytes that the pixels of a picture may need before they are gray: 512 MiB, or some 178
/// megapixels of 8-bit RGB. That is enough for the largest pictures that space telescopes publish.
/// A file that claims to need more is refused before memory is allocated.
pub const MAX_BYTES: u64 = 512 << 20;
