//! How many schedules there are: as many as ways to shuffle the operations of the threads.

use std::path::Path;
use std::time::Instant;

use figures::plot::{Axis, Plot};
use hands::panics::Panicked;
use hands::println;
use hands::timeline::seconds;
use schedules::every::{self, Arc, Number, spawn};
use step::files::PLOTS;

/// Threads, and the most operations that each of them has. More would take minutes.
const SIZES: [(u64, u64); 2] = [(2, 6), (3, 2)];

// ANCHOR: count
/// How many schedules loom tries, if each of these threads adds to one number so often.
fn tried(threads: u64, operations: u64) -> Result<usize, (usize, Panicked)> {
    every::check(move || {
        let number = Arc::new(Number::new("number", 0));
        let add = move |number: &Number| (0..operations).map(|_| number.fetch_add(1)).sum::<u32>();
        let another = |_: u64| {
            let number = Arc::clone(&number);
            spawn("another", move || add(&number))
        };
        let others: Vec<_> = (1..threads).map(another).collect();
        add(&number); // this thread is one of them
        for other in others {
            other.join().unwrap();
        }
    })
}

/// In how many orders the operations can come: (threads · n)! / n!ᵗʰʳᵉᵃᵈˢ, for two the binomial.
fn orders(threads: u64, n: u64) -> u64 {
    let choose = |all: u64| (0..n).fold(1, |product, i| product * (all - i) / (i + 1));
    (1..=threads).map(|thread| choose(thread * n)).product()
}
// ANCHOR_END: count

/// Prints a table, and leaves a plot.
pub(crate) fn every_schedule() -> anyhow::Result<()> {
    println!("Every schedule: threads that add to one number");
    println!("threads    operations each    orders    loom tries    in");
    let mut plot = Plot::new("Schedules", Axis::linear("operations of each thread"), "schedules");
    for (threads, most) in SIZES {
        let name = format!("{threads} threads");
        let (mut found, mut model) = (Vec::new(), Vec::new());
        for n in 1..=most {
            let start = Instant::now();
            let count = tried(threads, n).map_err(|(_, reason)| anyhow::Error::msg(reason))?;
            let orders = orders(threads, n);
            let time = seconds(start.elapsed());
            println!("{name}  {n:>15}    {orders:>6}    {count:>10}    {time}");
            found.push((n as f64, count as f64));
            model.push((n as f64, orders as f64));
        }
        plot = plot.curve(&name, found).model("orders of the operations", model);
    }
    let file = Path::new(PLOTS).join("07e_prove.json");
    plot.log10().write(&file)?;
    println!("\nPlot: {}\n", file.with_extension("svg").display());
    Ok(())
}
