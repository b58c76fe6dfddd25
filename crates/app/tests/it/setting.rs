//! Settings that no window would send.

use crate::testkit::Home;
use rstest::rstest;
use twin_core::error::Code;
use twin_core::settings::Settings;

fn shortcut(settings: &mut Settings, action: &str, keys: &str) {
    settings.shortcuts.insert(action.to_owned(), keys.to_owned());
}

#[rstest]
#[case::small(|settings: &mut Settings| settings.text_size = 79)]
#[case::large(|settings: &mut Settings| settings.text_size = 201)]
#[case::nameless(|settings: &mut Settings| shortcut(settings, " ", "Mod+K"))]
#[case::long_name(|settings: &mut Settings| shortcut(settings, &"x".repeat(61), "Mod+K"))]
#[case::long_keys(|settings: &mut Settings| shortcut(settings, "palette", &"Mod+".repeat(20)))]
#[case::steering(|settings: &mut Settings| shortcut(settings, "palette", "Mod+\n"))]
#[case::many(|settings: &mut Settings| (0..201).for_each(|number| shortcut(settings, &number.to_string(), "")))]
#[case::quick(|settings: &mut Settings| settings.quick_keys = "Ctrl+".repeat(20))]
#[tokio::test]
async fn a_setting_out_of_bounds_is_refused_and_nothing_changes(#[case] spoil: fn(&mut Settings)) {
    let home = Home::new();
    let app = home.open();
    let mut settings = app.settings();
    settings.titles_by_model = false;
    spoil(&mut settings);
    let error = app.settings_save(settings).await.unwrap_err();
    assert_eq!(error.code, Code::InvalidInput);
    assert!(!error.hint.is_empty());
    assert_eq!(app.settings(), Settings::default());
}

#[tokio::test]
async fn sizes_and_keys_within_bounds_are_kept() {
    let home = Home::new();
    let app = home.open();
    let mut settings = app.settings();
    settings.text_size = 200;
    settings.quick_keys = "Ctrl+Alt+Space".to_owned();
    shortcut(&mut settings, "palette", "Mod+Shift+K");
    shortcut(&mut settings, "find", "");
    app.settings_save(settings.clone()).await.unwrap();
    assert_eq!(home.open().settings(), settings);
}
