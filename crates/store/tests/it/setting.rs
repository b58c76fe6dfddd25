//! Settings.

use crate::support::Fixture;
use rstest::rstest;
use serde_json::{Value, json};
use twin_core::settings::Scope;

#[rstest]
fn a_setting_is_kept_replaced_and_removed(
    #[values(Scope::Synced, Scope::Device)] scope: Scope,
    #[values(json!("dark"), json!({"b": 1, "a": [null, 0.1]}), Value::Null)] value: Value,
) {
    let fixture = Fixture::new();
    fixture.store.setting_put("key", Some(&json!(1)), scope).unwrap();
    fixture.store.setting_put("key", Some(&value), scope).unwrap();
    let fixture = fixture.reopen();
    assert_eq!(fixture.store.setting_all().unwrap().get("key"), Some(&value));
    fixture.store.setting_put("key", None, scope).unwrap();
    fixture.store.setting_put("key", None, scope).unwrap();
    assert!(fixture.store.setting_all().unwrap().is_empty());
}

#[test]
fn only_what_travels_goes_through_the_log() {
    let fixture = Fixture::new();
    fixture.store.setting_put("bedrock", Some(&json!({"region": "eu-west-1"})), Scope::Device).unwrap();
    assert_eq!(fixture.store.info().unwrap().records, 0);
    fixture.store.setting_put("theme", Some(&json!("dark")), Scope::Synced).unwrap();
    assert_eq!(fixture.store.info().unwrap().records, 1);
    fixture.store.rebuild_projections().unwrap();
    assert_eq!(fixture.store.setting_all().unwrap().len(), 2);
}
