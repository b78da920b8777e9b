//! Whatever a stranger puts into a link, it becomes a single harmless component of a path.

use std::path::{Component, Path};

use pictures::download::name;
use proptest::prelude::*;

#[track_caller]
fn assert_one_component(name: &str) {
    let parts: Vec<_> = Path::new(name).components().collect();
    assert!(
        matches!(parts[..], [Component::Normal(part)] if part == name),
        "{name:?} is not one component"
    );
    assert!(!name.starts_with(['.', '-']), "{name:?} starts badly");
    assert!(!name.contains(['/', '\\', '\0']) && !name.chars().any(char::is_control), "{name:?}");
    assert!(name.len() <= 220, "{name:?} is {} bytes", name.len());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_becomes_one_safe_component(text in ".*") {
        let safe = name::safe(&text);
        assert_one_component(&safe);
        prop_assert_eq!(name::safe(&safe), safe.clone(), "a safe name stays");
        assert_one_component(&name::processed(&safe));
    }

    #[test]
    fn any_link_becomes_one_safe_component(path in "([./%\\\\ -]|%2[eEfF]|%5c|%00|[a-z]|\\PC){0,300}") {
        let name = name::from_link(&format!("http://host/{path}"));
        assert_one_component(&name);
        assert_one_component(&name::with_extension(&name, "png"));
    }
}
