//! The plate, as the command line describes it.

use clap::Args;

/// The flags of the plate that a step heats: how large it is, and for how long.
#[derive(Clone, Copy, Debug, Args)]
pub struct Plate {
    /// How many rows and columns the plate has
    #[arg(long, value_name = "N", default_value = "1000", value_parser = size)]
    pub size: usize,
    /// How many steps to compute
    #[arg(long, value_name = "N", default_value = "20")]
    pub steps: usize,
}

/// Reads the size of a plate.
fn size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(size @ 3..=20_000) => Ok(size),
        _ => Err("a plate has from 3 to 20000 rows".to_owned()),
    }
}
