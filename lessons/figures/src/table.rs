//! A picture as a table.

use crate::element::{Element, line};

/// A table in a folded `<details>`. If there are `more` rows than these, the last one says so.
pub(crate) fn table<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
    more: usize,
) -> String {
    let head = head.map(|name| Element::new("th").attr("scope", "col").text(name));
    let mut body = String::from("\n");
    for row in rows {
        let cells = row.map(|cell| Element::new("td").text(&cell));
        line(&mut body, [Element::new("tr").children(cells)]);
    }
    if more > 0 {
        let cell = Element::new("td").attr("colspan", N).text(&format!("and {more} more"));
        line(&mut body, [Element::new("tr").children([cell])]);
    }
    let mut parts = String::from("\n");
    line(&mut parts, [Element::new("thead").children([Element::new("tr").children(head)])]);
    line(&mut parts, [Element::new("tbody").lines(&body)]);
    let mut folded = String::new();
    line(&mut folded, [Element::new("summary").text("The same as a table")]);
    line(&mut folded, [Element::new("table").lines(&parts)]);
    let mut out = String::new();
    line(&mut out, [Element::new("details").attr("class", "mh-table").lines(&folded)]);
    out
}
