//! A plot in words and as a table, for people who can't see the picture.

use std::fmt::Write;

use super::data::Plot;
use crate::table::table;

impl Plot {
    /// The points as a table in a folded `<details>`, for people who can't see the picture. Each
    /// point has a row, which is narrow enough for a phone, however many curves there are.
    pub fn table(&self) -> String {
        let points = self.curves.iter().flat_map(|curve| {
            let name = self.full_name(curve);
            curve.points.iter().map(move |&(x, y)| [name.clone(), number(x), number(y)])
        });
        let marks = self.marks.iter().map(|(x, label)| [label.clone(), number(*x), String::new()]);
        table(&["Curve", &self.x.label, &self.y], points.chain(marks), 0)
    }

    /// Says in words what the picture shows.
    pub(super) fn description(&self) -> String {
        let mut text = format!("{} over {}.", self.y, self.x.label);
        for curve in &self.curves {
            let highest = curve.points.iter().max_by(|a, b| a.1.total_cmp(&b.1));
            let (Some(first), Some(last), Some(highest)) =
                (curve.points.first(), curve.points.last(), highest)
            else {
                continue;
            };
            let at = |point: &(f64, f64)| format!("{} at {}", number(point.1), number(point.0));
            let name = self.full_name(curve);
            let _ = write!(text, " {name}: from {} to {}", at(first), at(last));
            if highest != first && highest != last {
                let _ = write!(text, ", at most {}", at(highest));
            }
            text.push('.');
        }
        for (x, label) in &self.marks {
            let _ = write!(text, " Marked at {}: {label}.", number(*x));
        }
        text
    }
}

/// A number with three digits, or as many as a whole number has.
pub(super) fn number(value: f64) -> String {
    let digits = if value == 0.0 { 0.0 } else { value.abs().log10().floor() };
    let decimals = if value == value.round() { 0.0 } else { (2.0 - digits).clamp(0.0, 6.0) };
    format!("{value:.*}", decimals as usize)
}
