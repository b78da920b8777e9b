//! A plot on disk.

use std::path::Path;
use std::{fs, io};

use super::data::Plot;

impl Plot {
    /// Writes the plot to `file` as JSON, and the picture beside it as `.svg`. Missing folders are
    /// created.
    ///
    /// # Errors
    ///
    /// If a file can't be written. The error names it.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        let save = |file: &Path, text: &str| {
            fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))
                .and_then(|()| fs::write(file, text))
                .map_err(|error| {
                    let what = format!("the plot cannot be written to {}: {error}", file.display());
                    io::Error::new(error.kind(), what)
                })
        };
        save(file, &serde_json::to_string(self)?)?;
        save(&file.with_extension("svg"), &self.svg())
    }

    /// Reads a plot that [`write`](Plot::write) wrote.
    ///
    /// # Errors
    ///
    /// If the file can't be read or isn't a plot. The error names it.
    pub fn read(file: &Path) -> io::Result<Plot> {
        let read = || Ok(serde_json::from_str(&fs::read_to_string(file)?)?);
        read().map_err(|error: io::Error| {
            let what = format!("the plot {} cannot be read: {error}", file.display());
            io::Error::new(error.kind(), what)
        })
    }
}
