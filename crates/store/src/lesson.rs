//! What models' own answers have taught, kept on this device.

use crate::error::StoreError;
use crate::row::Json;
use crate::store::Store;
use rusqlite::params;
use std::collections::BTreeMap;
use twin_core::model::{Lessons, ModelRef};

impl Store {
    /// All of them, by the model as it is written. What this version cannot read is passed over: it will be learned again.
    pub fn lessons_all(&self) -> Result<BTreeMap<String, Lessons>, StoreError> {
        self.read(|transaction| {
            let mut rows = transaction.prepare_cached("SELECT model, lessons FROM model_lessons")?;
            let mut rows = rows.query([])?;
            let mut all = BTreeMap::new();
            while let Some(row) = rows.next()? {
                if let Ok(lessons) = serde_json::from_str(&row.get::<_, String>(1)?) {
                    all.insert(row.get(0)?, lessons);
                }
            }
            Ok(all)
        })
    }

    /// Replaces what is known of one model.
    pub fn lessons_put(&self, model: &ModelRef, lessons: &Lessons) -> Result<(), StoreError> {
        let (model, lessons) = (model.to_string(), lessons.clone());
        self.write(move |log| {
            log.transaction
                .prepare_cached(
                    "INSERT INTO model_lessons (model, lessons) VALUES (?1, ?2)
                     ON CONFLICT DO UPDATE SET lessons = ?2",
                )?
                .execute(params![model, Json(lessons)])?;
            Ok(())
        })
    }

    /// Forgets all of them: every model is asked for everything again.
    pub fn lessons_forget(&self) -> Result<(), StoreError> {
        self.write(|log| {
            log.transaction.execute("DELETE FROM model_lessons", [])?;
            Ok(())
        })
    }
}
