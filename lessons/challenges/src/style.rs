//! The colours of what is printed. `anstream` takes them out where nobody would see them.

use anstyle::{AnsiColor, Style};

/// Something that went well.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Something that didn't.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// A name, or the beginning of a line.
pub const LABEL: Style = Style::new().bold();
/// What may be overlooked.
pub const FAINT: Style = Style::new().dimmed();
