use std::fs;

use super::picture::Picture;
use super::words::number;
use super::*;
use crate::page::Page;
use crate::sheet::FONT;

fn plot() -> Plot {
    Plot::new("Speed-up", Axis::log2("workers"), "times as fast")
        .curve("threads", [(1.0, 1.0), (2.0, 1.954), (4.0, 1.9)])
        .model("Amdahl's law", [(1.0, 1.0), (2.0, 1.9), (4.0, 3.5)])
        .curve("processes", [(1.0, 0.9), (4.0, 1.8)])
        .model("Amdahl's law", [(1.0, 0.9), (4.0, 3.0)])
        .mark(2.0, "2 cores")
}

fn parsed(xml: &str) -> roxmltree::Document<'_> {
    roxmltree::Document::parse(xml).expect("well-formed XML")
}

fn texts(xml: &str, tag: &str) -> Vec<String> {
    let text = |node: roxmltree::Node<'_, '_>| node.text().unwrap_or("").to_owned();
    parsed(xml).descendants().filter(|node| node.has_tag_name(tag)).map(text).collect()
}

/// The text elements of a picture.
fn labels(svg: &str) -> Vec<String> {
    let space = "http://www.w3.org/2000/svg";
    parsed(svg)
        .descendants()
        .filter(|node| node.has_tag_name((space, "text")))
        .map(|node| node.text().unwrap_or("").to_owned())
        .collect()
}

#[test]
fn the_picture_says_in_words_what_it_shows() {
    let svg = plot().svg();
    assert!(svg.contains("<title>Speed-up</title>"), "{svg}");
    for words in [
        "times as fast over workers.",
        "threads: from 1 at 1 to 1.90 at 4, at most 1.95 at 2.",
        "threads, Amdahl&#39;s law: from 1 at 1 to 3.50 at 4.",
        "Marked at 2: 2 cores.",
    ] {
        assert!(svg.contains(words), "{words}: {svg}");
    }
}

#[test]
fn the_table_has_a_row_for_each_point_and_mark() {
    let table = plot().table();
    assert_eq!(texts(&table, "th"), ["Curve", "workers", "times as fast"]);
    assert_eq!(texts(&table, "tr").len(), 1 + 3 + 3 + 2 + 2 + 1);
    let cells = texts(&table, "td");
    assert_eq!(cells[3..6], ["threads", "2", "1.95"]);
    assert_eq!(cells[9..12], ["threads, Amdahl's law", "1", "1"]);
    assert_eq!(cells[30..], ["2 cores", "2", ""]);
}

#[test]
fn doublings_are_equally_far_apart_on_a_log2_axis() {
    let plot = plot();
    let picture = Picture::new(&plot, Page::Wide);
    let (one, two, four) = (picture.x(1.0), picture.x(2.0), picture.x(4.0));
    assert!((two - one - (four - two)).abs() < 1e-9);
    assert!(picture.y(1.0) > picture.y(2.0), "more is higher");
    let labels = labels(&plot.svg());
    for label in ["1", "2", "4", "workers", "times as fast", "2 cores", "3", "0"] {
        assert!(labels.iter().any(|found| found == label), "{label}: {labels:?}");
    }
}

#[test]
fn models_are_dashed_and_explained_once() {
    let svg = plot().svg();
    let dashed = svg.matches("class=\"mh-curve mh-model\"").count();
    assert_eq!(dashed, 2 + 1, "two curves and one entry of the legend");
    assert_eq!(labels(&svg).iter().filter(|text| *text == "Amdahl's law").count(), 1);
}

#[test]
fn labels_of_marks_do_not_cover_each_other() {
    let svg = plot().mark(2.1, "the knee").svg();
    let document = parsed(&svg);
    let height = |label: &str| {
        let found = document
            .descendants()
            .find(|node| node.tag_name().name() == "text" && node.text() == Some(label));
        found.and_then(|node| node.attribute("y")).unwrap().parse::<f64>().unwrap()
    };
    assert!((height("the knee") - height("2 cores")).abs() >= FONT, "{svg}");
}

#[test]
fn nothing_breaks_the_page_and_nothing_has_an_id() {
    let name = "<b>&\"'</b>\n\n\u{1}</title><script>";
    let plot = Plot::new(name, Axis::linear(name), name)
        .curve(name, [(0.0, 1.0), (5.0, 2.0)])
        .mark(1.0, name);
    for html in [plot.svg(), plot.table()] {
        assert!(!html.contains("<b>") && !html.contains("<script>"), "{html}");
        assert!(html.lines().all(|line| !line.trim().is_empty()), "{html}");
        assert!(!html.contains(" id="), "{html}");
        parsed(&html);
    }
}

#[test]
fn what_cannot_be_drawn_is_left_out() {
    let empty = Plot::new("", Axis::log2(""), "");
    let odd = empty
        .clone()
        .curve("a", [(0.0, 1.0), (f64::NAN, 1.0), (1.0, f64::INFINITY), (8.0, 0.0)])
        .mark(-1.0, "nowhere");
    assert_eq!(odd.curves[0].points, [(8.0, 0.0)]);
    assert_eq!(odd.marks, []);
    for plot in [empty, odd] {
        assert!(!plot.svg().contains("NaN") && !plot.svg().contains("inf"), "{}", plot.svg());
        parsed(&plot.svg());
        parsed(&plot.table());
    }
}

#[test]
fn what_was_written_is_read_again_and_the_picture_lies_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plots/05.json");
    plot().write(&file).unwrap();
    assert_eq!(Plot::read(&file).unwrap(), plot());
    assert_eq!(fs::read_to_string(file.with_extension("svg")).unwrap(), plot().svg());
    let error = Plot::read(&folder.path().join("none.json")).unwrap_err();
    assert!(error.to_string().contains("none.json"), "{error}");
    let error = plot().write(&file.join("below/a.json")).unwrap_err();
    assert!(error.to_string().contains("a.json"), "{error}");
}

#[test]
fn numbers_have_three_digits_where_they_need_them() {
    let numbers = [0.0, 1.0, 1.954, 12.34, 1234.5, 0.01234].map(number);
    assert_eq!(numbers, ["0", "1", "1.95", "12.3", "1234", "0.0123"]);
}

#[test]
fn letters_on_a_phone_are_large_enough() {
    let both = plot().responsive();
    let narrow = both.find("mh-narrow").expect("there is one for phones");
    assert!(both[narrow..].contains("viewBox=\"0 0 360 "), "a unit is a pixel: {both}");
    assert!(both[narrow..].contains("font-size:13px"), "{both}");
}

#[test]
fn long_numbers_have_their_room_beside_the_axis() {
    let left = |most: f64| {
        let plot = Plot::new("p", Axis::linear("x"), "y").curve("c", [(0.0, 0.0), (1.0, most)]);
        Picture::new(&plot, Page::Wide).x(0.0)
    };
    assert!(left(1e6) > left(10.0) + 20.0);
}
