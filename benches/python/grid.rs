//! A table: a row for each way, a column for each language.

use hands::println;

pub(crate) struct Grid {
    pub(crate) title: String,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<(&'static str, Vec<String>)>,
}

impl Grid {
    pub(crate) fn print(&self) {
        println!("{}", self.title);
        println!("  {:24}{}", "", cells(&self.columns));
        for (name, row) in &self.rows {
            println!("  {name:24}{}", cells(row));
        }
        println!();
    }
}

fn cells(cells: &[String]) -> String {
    cells.iter().map(|cell| format!("{cell:>12}")).collect()
}
