//! For which page a picture is drawn.

use crate::sheet::{FONT, WIDTH};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Wide,
    /// A phone, which shows a unit as a pixel.
    Narrow,
}

impl Page {
    /// The width of the picture.
    pub(crate) fn width(self) -> f64 {
        match self {
            Page::Wide => WIDTH,
            Page::Narrow => 360.0,
        }
    }

    /// The size of its text.
    pub(crate) fn font(self) -> f64 {
        match self {
            Page::Wide => FONT,
            Page::Narrow => 13.0,
        }
    }
}
