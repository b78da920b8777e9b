//! What a plot consists of.

use serde::{Deserialize, Serialize};

use crate::hues::hues;

/// Curves over an axis. Points that aren't finite numbers are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plot {
    pub(super) title: String,
    pub(super) x: Axis,
    pub(super) y: String,
    pub(super) curves: Vec<Curve>,
    pub(super) marks: Vec<(f64, String)>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_log10: bool,
}

/// The axis from left to right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    pub(super) label: String,
    pub(super) is_log2: bool,
}

impl Axis {
    /// Equal steps for equal differences.
    pub fn linear(label: impl Into<String>) -> Self {
        Axis { label: label.into(), is_log2: false }
    }

    /// Equal steps for each doubling. Only what is above 0 has a place on it.
    pub fn log2(label: impl Into<String>) -> Self {
        Axis { label: label.into(), is_log2: true }
    }

    /// Where on the axis this is, before it is stretched to the picture.
    pub(super) fn scale(&self, x: f64) -> f64 {
        if self.is_log2 { x.log2() } else { x }
    }
}

/// Points, in the order in which a line joins them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Curve {
    /// The name in the legend.
    pub name: String,
    /// Whether this is what a model predicts, rather than what was measured.
    pub is_model: bool,
    /// For each point, where it is on the axis and how high.
    pub points: Vec<(f64, f64)>,
}

impl Plot {
    /// An empty plot. `y` says what the height of a point means, with its unit.
    pub fn new(title: impl Into<String>, x: Axis, y: impl Into<String>) -> Self {
        let (title, y) = (title.into(), y.into());
        Plot { title, x, y, curves: Vec::new(), marks: Vec::new(), is_log10: false }
    }

    /// Draws equal heights for each factor of ten, for what grows exponentially. Only what is above
    /// 0 has a place then.
    #[must_use]
    pub fn log10(self) -> Self {
        Plot { is_log10: true, ..self }
    }

    /// How high this is, before it is stretched to the picture.
    pub(super) fn height(&self, y: f64) -> f64 {
        if self.is_log10 { y.log10() } else { y }
    }

    /// What lies at this height: undoes [`height`](Plot::height).
    pub(super) fn at(&self, height: f64) -> f64 {
        if self.is_log10 { 10_f64.powf(height) } else { height }
    }

    /// Adds a measured curve: points, in the order in which a solid line joins them.
    #[must_use]
    pub fn curve(
        self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        self.add(name.into(), false, points)
    }

    /// Adds what a model predicts: a dashed line, in the colour of the measured curve before it.
    /// Models of the same name share one entry of the legend.
    #[must_use]
    pub fn model(
        self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        self.add(name.into(), true, points)
    }

    fn add(
        mut self,
        name: String,
        is_model: bool,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        let drawn = |&(x, y): &(f64, f64)| self.x.scale(x).is_finite() && y.is_finite();
        let points = points.into_iter().filter(drawn).collect();
        self.curves.push(Curve { name, is_model, points });
        self
    }

    /// Draws an upright line at `x`, with a label.
    #[must_use]
    pub fn mark(mut self, x: f64, label: impl Into<String>) -> Self {
        if self.x.scale(x).is_finite() {
            self.marks.push((x, label.into()));
        }
        self
    }

    /// The curves. A model belongs to the measured curve before it.
    pub fn curves(&self) -> &[Curve] {
        &self.curves
    }

    /// The upright lines, with their labels.
    pub fn marks(&self) -> &[(f64, String)] {
        &self.marks
    }

    /// The curves with their colours. A model has the colour of the measured curve before it.
    pub(super) fn coloured(&self) -> impl Iterator<Item = (usize, &Curve)> {
        let measured = self.curves.iter().filter(|curve| !curve.is_model);
        let hues = hues(measured.map(|curve| curve.name.as_str()));
        self.curves.iter().scan(0, move |colour, curve| {
            let own = hues.iter().find(|(name, _)| !curve.is_model && *name == curve.name);
            *colour = own.map_or(*colour, |(_, own)| *own);
            Some((*colour, curve))
        })
    }

    /// The name of a curve and, for a model, of what it is a model of.
    pub(super) fn full_name(&self, curve: &Curve) -> String {
        let before = self.curves.iter().take_while(|other| !std::ptr::eq(*other, curve));
        match before.filter(|other| !other.is_model).last() {
            Some(measured) if curve.is_model => format!("{}, {}", measured.name, curve.name),
            _ => curve.name.clone(),
        }
    }
}
