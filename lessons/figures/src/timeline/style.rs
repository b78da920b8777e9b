//! How a timeline looks.

/// For bars, rows and axes.
pub(super) const TIMELINE: &str = "\
.mh-timeline .mh-track{fill:currentColor;opacity:.07}\
.mh-timeline .mh-grid{stroke:currentColor;opacity:.22}\
.mh-timeline .mh-mark{fill:currentColor}\
.mh-timeline .mh-head{font-size:.8em;opacity:.8}\
.mh-timeline g text{fill:#14171b;font-size:.94em;stroke:none;text-anchor:middle;pointer-events:none}\
.mh-timeline .mh-hollow{fill-opacity:.1}\
.mh-timeline g .mh-light{fill:currentColor;stroke:var(--bg,Canvas);stroke-width:3.5px;\
stroke-linejoin:round;paint-order:stroke}\
.mh-timeline .mh-full{stroke:none;pointer-events:none}\
.mh-timeline .mh-thin{stroke:none}\
.mh-timeline .mh-thin.mh-hollow{fill-opacity:.35}\
.mh-timeline :is(.mh-wait,.mh-steal){fill:none;stroke:currentColor;stroke-width:1.5;pointer-events:none}\
.mh-timeline .mh-steal{stroke-dasharray:3 2}\
.mh-timeline g:hover rect{stroke-width:2.5}";
/// For the picture that only phones show.
pub(super) const NARROW: &str = "\
.mh-timeline.mh-narrow{display:none;font-size:13px}\
@media(max-width:620px){.mh-timeline.mh-wide{display:none}.mh-timeline.mh-narrow{display:block}}";
