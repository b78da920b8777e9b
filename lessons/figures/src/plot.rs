//! Measurements as a picture: curves over an axis, and the same as a table.
//!
//! ```
//! use figures::plot::{Axis, Plot};
//!
//! let plot = Plot::new("Speed-up", Axis::log2("workers"), "times as fast")
//!     .curve("threads", [(1.0, 1.0), (2.0, 1.9), (4.0, 1.9)])
//!     .model("Amdahl's law", [(1.0, 1.0), (2.0, 1.95), (4.0, 3.7)])
//!     .mark(2.0, "2 cores");
//! let folder = tempfile::tempdir()?;
//! plot.write(&folder.path().join("05_cpu_bound.json"))?; // and 05_cpu_bound.svg beside it
//! assert_eq!(Plot::read(&folder.path().join("05_cpu_bound.json"))?, plot);
//! # Ok::<(), std::io::Error>(())
//! ```

mod data;
mod file;
mod picture;
mod words;

pub use data::{Axis, Curve, Plot};

#[cfg(test)]
mod tests;
