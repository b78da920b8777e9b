//! What a step that measures shows at its end.

use std::fmt::Display;
use std::io;
use std::path::Path;

use figures::plot::Plot;
use hands::{eprintln, println};
use step::Run;
use step::files::PLOTS;

use crate::Busy;

/// Prints the table, says whether others have disturbed the machine, and writes the plot.
pub(crate) fn report(
    run: &Run,
    table: impl Display,
    busy: Option<Busy>,
    plot: &Plot,
) -> io::Result<()> {
    println!("\n{table}");
    if let Some(busy) = busy {
        eprintln!("Note: {busy}");
    }
    let file = Path::new(PLOTS).join(run.step());
    plot.write(&file.with_extension("json"))?;
    println!("Plot: {}", file.with_extension("svg").display());
    Ok(())
}
