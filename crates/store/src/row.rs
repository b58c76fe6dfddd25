//! Between rows and the words of core.

use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};
use twin_core::chat::{Message, Session};
use twin_core::id::{DeviceId, MemoryId, MessageId, PersonId, ReceiptId, SessionId};
use twin_core::time::Timestamp;
use uuid::Uuid;

/// A value as its column holds it.
pub(crate) struct Column<T>(pub(crate) T);

macro_rules! id_column {
    ($($id:ident),*) => {$(
        impl ToSql for Column<$id> {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.0.as_uuid().as_bytes())))
            }
        }
        impl FromSql for Column<$id> {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                Ok(Self($id::from_uuid(Uuid::from_bytes(<[u8; 16]>::column_result(value)?))))
            }
        }
    )*};
}

id_column!(DeviceId, MemoryId, MessageId, PersonId, ReceiptId, SessionId);

impl ToSql for Column<Timestamp> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_millis().into())
    }
}

impl FromSql for Column<Timestamp> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self(Timestamp::from_millis(value.as_i64()?)))
    }
}

/// A structured value, as JSON.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text =
            serde_json::to_string(&self.0).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        Ok(text.into())
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Self).map_err(FromSqlError::other)
    }
}

/// A list as its column holds it: none for an empty one.
pub(crate) fn list<T>(items: &[T]) -> Option<Json<&[T]>> {
    (!items.is_empty()).then_some(Json(items))
}

/// A variant without fields, as its serde name.
pub(crate) struct Word<T>(pub(crate) T);

impl<T: Serialize> ToSql for Word<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match serde_json::to_value(&self.0) {
            Ok(serde_json::Value::String(word)) => Ok(word.into()),
            Ok(_) => Err(rusqlite::Error::ToSqlConversionFailure("not a word".into())),
            Err(error) => Err(rusqlite::Error::ToSqlConversionFailure(error.into())),
        }
    }
}

impl<T: DeserializeOwned> FromSql for Word<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word: StrDeserializer<'_, serde::de::value::Error> = value.as_str()?.into_deserializer();
        T::deserialize(word).map(Self).map_err(FromSqlError::other)
    }
}

/// Of `session`, in the order that [`session`] reads.
pub(crate) const SESSION_COLUMNS: &str = "id, title, audience, created_at, updated_at, head, model, title_by, \
     pinned, archived, tags, forked_from";

pub(crate) fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: row.get::<_, Column<SessionId>>(0)?.0,
        title: row.get(1)?,
        audience: row.get::<_, Word<_>>(2)?.0,
        created_at: row.get::<_, Column<Timestamp>>(3)?.0,
        updated_at: row.get::<_, Column<Timestamp>>(4)?.0,
        head: row.get::<_, Option<Column<MessageId>>>(5)?.map(|head| head.0),
        model: json(row, 6)?,
        title_by: row.get::<_, Word<_>>(7)?.0,
        pinned: row.get(8)?,
        archived: row.get(9)?,
        tags: json(row, 10)?.unwrap_or_default(),
        forked_from: row.get::<_, Option<Column<MessageId>>>(11)?.map(|message| message.0),
        temporary: false,
    })
}

/// Of `message_or_draft` under the name `m`, in the order that [`message`] reads.
pub(crate) const MESSAGE_COLUMNS: &str = "m.id, m.session_id, m.parent_id, m.role, m.content, m.parts, m.attachments, \
     m.created_at, m.status, m.model, m.instead_of, m.usage, m.failure, m.imported";

pub(crate) fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        id: row.get::<_, Column<MessageId>>(0)?.0,
        session_id: row.get::<_, Column<SessionId>>(1)?.0,
        parent_id: row.get::<_, Option<Column<MessageId>>>(2)?.map(|parent| parent.0),
        role: row.get::<_, Word<_>>(3)?.0,
        content: row.get(4)?,
        parts: json(row, 5)?.unwrap_or_default(),
        attachments: json(row, 6)?.unwrap_or_default(),
        created_at: row.get::<_, Column<Timestamp>>(7)?.0,
        status: row.get::<_, Word<_>>(8)?.0,
        model: json(row, 9)?,
        instead_of: json(row, 10)?,
        usage: json(row, 11)?,
        failure: json(row, 12)?,
        imported: json(row, 13)?,
    })
}

pub(crate) fn json<T: DeserializeOwned>(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<T>> {
    Ok(row.get::<_, Option<Json<T>>>(index)?.map(|column| column.0))
}
