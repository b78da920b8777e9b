//! The plate, as the command line describes it.

use clap::Args;
use clap::builder::RangedU64ValueParser;

/// The flags of the plate that a step heats: how large it is, and for how long.
#[derive(Clone, Copy, Debug, Args)]
pub struct Plate {
    /// How many rows and columns the plate has
    #[arg(long, value_name = "N", default_value = "1000", value_parser = RangedU64ValueParser::<usize>::new().range(3..=20_000))]
    pub size: usize,
    /// How many steps to compute
    #[arg(long, value_name = "N", default_value = "20")]
    pub steps: usize,
}
