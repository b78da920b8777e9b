//! The runs of a step that compares ways and numbers of workers.

use step::{Ways, WorkerCounts};

/// Each of the `ways` with each number of `workers`, after the one way that all of them are
/// compared with, which comes first whether or not it was asked for.
///
/// ```
/// use clap::{Parser, ValueEnum};
/// use step::{Ways, WorkerCounts};
///
/// #[derive(Parser)]
/// struct Args {
///     #[arg(long, default_value = "all")]
///     using: Ways<Way>,
///     #[command(flatten)]
///     workers: WorkerCounts,
/// }
///
/// #[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
/// enum Way {
///     OneByOne,
///     Pool,
/// }
///
/// let args = Args::parse_from(["step", "--workers", "2,1"]);
/// let runs = measure::runs(Way::OneByOne, &args.using, &args.workers);
/// assert_eq!(runs, [(Way::OneByOne, 1), (Way::Pool, 1), (Way::Pool, 2)]);
/// ```
pub fn runs<W>(first: W, ways: &Ways<W>, workers: &WorkerCounts) -> Vec<(W, usize)>
where
    W: Copy + PartialEq,
{
    let counts = workers.counts();
    let others = ways.ways().iter().copied().filter(|way| *way != first);
    let others = others.flat_map(|way| counts.iter().map(move |&workers| (way, workers)));
    [(first, 1)].into_iter().chain(others).collect()
}
