//! Settings, as keys and JSON values. What they mean is core's.

use crate::error::StoreError;
use crate::log::Log;
use crate::payload::{Change, SettingPut};
use crate::row::Json;
use crate::store::Store;
use rusqlite::params;
use serde_json::Value;
use std::collections::BTreeMap;
use twin_core::settings::Scope;

impl Store {
    /// Every setting that differs from its default. A device's own stands before one that travels.
    pub fn setting_all(&self) -> Result<BTreeMap<String, Value>, StoreError> {
        self.read(|transaction| {
            let mut settings = transaction.prepare_cached(
                "SELECT key, value FROM device_setting
                 UNION ALL SELECT key, value FROM setting WHERE key NOT IN (SELECT key FROM device_setting)",
            )?;
            let rows = settings.query_map([], |row| Ok((row.get(0)?, row.get::<_, Json<Value>>(1)?.0)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Sets or removes one setting.
    pub fn setting_put(&self, key: &str, value: Option<&Value>, scope: Scope) -> Result<(), StoreError> {
        self.setting_put_all(vec![SettingChange { key: key.to_owned(), value: value.cloned(), scope }])
    }

    /// All of them or none: an address without the model that it is for would be half a choice.
    pub fn setting_put_all(&self, changes: Vec<SettingChange>) -> Result<(), StoreError> {
        self.write(move |log| changes.into_iter().try_for_each(|change| put(log, change)))
    }
}

/// A setting to set, or without a value to remove.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingChange {
    /// Which.
    pub key: String,
    /// What to.
    pub value: Option<Value>,
    /// Whether it travels.
    pub scope: Scope,
}

fn put(log: &Log<'_>, SettingChange { key, value, scope }: SettingChange) -> Result<(), StoreError> {
    let raw = serde_json::value::to_raw_value(&value)?;
    let removed = value.is_none();
    match scope {
        Scope::Synced => log.append(&Change::Setting(SettingPut { key, removed, value: raw }))?,
        Scope::Device if removed => {
            log.transaction.execute("DELETE FROM device_setting WHERE key = ?1", [key])?;
        }
        Scope::Device => {
            log.transaction.execute(
                "INSERT INTO device_setting (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2",
                params![key, raw.get()],
            )?;
        }
    }
    Ok(())
}
