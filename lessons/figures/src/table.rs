//! A picture as a table.

use crate::element::{Element, line};

/// A table in a folded `<details>`. If there are `more` rows than these, the last one says so.
pub(crate) fn table<R: IntoIterator<Item = String>>(
    head: &[&str],
    rows: impl IntoIterator<Item = R>,
    more: usize,
) -> String {
    let columns = head.len();
    let head = head.iter().map(|name| Element::new("th").attr("scope", "col").text(name));
    let mut body = String::from("\n");
    for row in rows {
        let cells = row.into_iter().map(|cell| Element::new("td").text(&cell));
        line(&mut body, [Element::new("tr").children(cells)]);
    }
    if more > 0 {
        let cell = Element::new("td").attr("colspan", columns).text(&format!("and {more} more"));
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
