//! The log as it travels: read whole as it is at one moment, and taken in from elsewhere.
//!
//! Records keep the device and the number under which they were made, so that taking them in twice changes nothing. Those
//! of other devices come in between: the projections are folded anew, in the order of the clock.

use crate::blob::{self, Blob};
use crate::error::StoreError;
use crate::log::Log;
use crate::payload::{Change, decode};
use crate::projection::{self, Reading};
use crate::row::Column;
use crate::store::{Store, current_device};
use crate::sync::End;
use crate::{forget, sync};
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use std::collections::BTreeSet;
use twin_core::id::{DeviceId, MessageId, SessionId};
use twin_core::port::Clock;
use twin_core::record::{Kind, Record};
use twin_core::time::{Hlc, Timestamp};

/// Names of kinds are words.
const MAX_KIND_BYTES: usize = 64;

/// What travels, in this order: the totals, every record by device and number, every file by its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Travelling {
    /// How many there will be.
    Totals {
        /// Records.
        records: u64,
        /// Files.
        files: u64,
    },
    /// A line of the log.
    Record(Record),
    /// A file that messages name.
    File(Blob),
}

/// What came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Merged {
    /// Records that are new here.
    pub records: u64,
    /// Records that were here already.
    pub known: u64,
    /// Records that stand here with another content under the same number: a copy of the home went on by itself. What is
    /// here stays.
    pub elsewise: u64,
    /// Files that are new here.
    pub files: u64,
    /// Whether something came along that was forgotten, here or there, and was erased again.
    pub forgotten: bool,
}

/// Takes in what travels, in one transaction.
pub struct Merge<'a> {
    transaction: &'a Transaction<'a>,
    merged: Merged,
    changed: bool,
    /// What belongs at the end is folded as it comes, which is all of it in an empty home.
    end: End,
    /// Files of messages that were forgotten here, by their hash.
    gone: BTreeSet<String>,
    /// Something that was here was forgotten elsewhere.
    erased: bool,
}

impl Store {
    /// Hands everything that travels to `take`, one by one: no more than one record or file is in memory. Stops at its first
    /// error.
    pub fn log_read<E: From<StoreError>>(&self, mut take: impl FnMut(Travelling) -> Result<(), E>) -> Result<(), E> {
        self.read(|transaction| Ok(read(transaction, &mut take)))?
    }

    /// Takes in what `bring` brings, all of it or, after an error, none. Bringing the same again changes nothing. Nobody else
    /// writes meanwhile.
    pub fn log_merge<T: Send + 'static, E: From<StoreError> + Send + 'static>(
        &self,
        bring: impl FnOnce(&mut Merge<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<(T, Merged), E> {
        let clock = self.clock();
        let (brought, merged, device) = self.with_writer(move |connection, _| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let device = current_device(&transaction)?;
            let mut merge = Merge::begin(&transaction)?;
            let brought = match projection::with_room(&transaction, || bring(&mut merge)) {
                Ok(brought) => brought,
                Err(error) => return Ok(Err(error)),
            };
            let Merge { mut merged, changed, end, gone, erased, .. } = merge;
            if end.refolds {
                projection::rebuild(&transaction)?;
            }
            if changed {
                let log = Log::new(&transaction, device, clock.as_ref());
                merged.forgotten = forget::again(&log, gone, erased)?;
            }
            let device = adopt(&transaction, device, clock.as_ref())?;
            if changed {
                sync::note_known(&Log::new(&transaction, device, clock.as_ref()))?;
            }
            transaction.commit()?;
            Ok(Ok((brought, merged, device)))
        })??;
        self.become_device(device);
        if merged.forgotten {
            self.clear_traces()?;
        }
        Ok((brought, merged))
    }
}

/// What comes from devices with which this home does not sync travels as its own.
pub(crate) fn adopt(
    transaction: &Transaction<'_>,
    device: DeviceId,
    clock: &dyn Clock,
) -> Result<DeviceId, StoreError> {
    if sync::keyring(transaction)?.is_none() {
        return Ok(device);
    }
    let mut listed: Vec<DeviceId> = transaction
        .prepare("SELECT device FROM chain")?
        .query_map([], |row| Ok(row.get::<_, Column<_>>(0)?.0))?
        .collect::<rusqlite::Result<_>>()?;
    listed.push(device);
    sync::adopt_strangers(&Log::new(transaction, device, clock), &listed)
}

impl Store {
    /// How many of these sessions and messages are here, the deleted ones too.
    pub fn known(&self, sessions: &[SessionId], messages: &[MessageId]) -> Result<(u64, u64), StoreError> {
        self.read(|transaction| {
            let mut here = (0, 0);
            let mut session = transaction.prepare_cached("SELECT 1 FROM session WHERE id = ?1")?;
            for id in sessions {
                here.0 += u64::from(session.exists([Column(*id)])?);
            }
            let mut message = transaction.prepare_cached("SELECT 1 FROM message WHERE id = ?1")?;
            for id in messages {
                here.1 += u64::from(message.exists([Column(*id)])?);
            }
            Ok(here)
        })
    }
}

impl<'a> Merge<'a> {
    pub(crate) fn begin(transaction: &'a Transaction<'a>) -> Result<Self, StoreError> {
        let (end, gone) = (End::read(transaction)?, BTreeSet::new());
        Ok(Self { transaction, merged: Merged::default(), changed: false, end, gone, erased: false })
    }

    /// As [`Self::record`], but what is here under that number stays, whatever was brought.
    pub(crate) fn record_if_new(&mut self, checked: CheckedRecord) -> Result<(), StoreError> {
        let here = self
            .transaction
            .prepare_cached("SELECT 1 FROM record WHERE device = ?1 AND seq = ?2")?
            .exists((Column(checked.record.device), checked.seq))?;
        if here || self.adopted(&checked.record)? { Ok(()) } else { self.record(checked) }
    }

    /// What came in so far.
    pub(crate) fn merged(&self) -> Merged {
        self.merged
    }
}

impl Merge<'_> {
    /// Takes in one record.
    pub fn record(&mut self, checked: CheckedRecord) -> Result<(), StoreError> {
        let CheckedRecord { record, seq, .. } = &checked;
        // What comes after all that is here is rarely one of them: then the number tells.
        if self.end.last.is_some_and(|last| last.0 >= record.hlc) && self.known(&checked)? {
            return Ok(());
        }
        let inserted = self
            .transaction
            .prepare_cached(
                "INSERT INTO record (device, seq, hlc_wall, hlc_counter, kind, version, payload,
                                     order_wall, order_counter)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?3, ?4) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                Column(record.device),
                seq,
                record.hlc.wall,
                record.hlc.counter,
                record.kind,
                record.version,
                record.payload
            ])?;
        if inserted == 0 {
            return self.known(&checked).map(|_| ());
        }
        self.merged.records += 1;
        self.changed = true;
        if !self.end.takes((record.hlc, record.device, *seq)) {
            return Ok(());
        }
        projection::apply(self.transaction, checked.reading)
    }

    /// Whether it is here, or something else under its number. Where one of two says less, that one stays.
    fn known(&mut self, checked: &CheckedRecord) -> Result<bool, StoreError> {
        let CheckedRecord { record, seq, reading } = checked;
        let here = self
            .transaction
            .prepare_cached(
                "SELECT hlc_wall, hlc_counter, kind, version, payload FROM record WHERE device = ?1 AND seq = ?2",
            )?
            .query_row((Column(record.device), seq), |row| {
                let hlc = Hlc { wall: row.get(0)?, counter: row.get(1)? };
                Ok((hlc, Content { kind: row.get(2)?, version: row.get(3)?, payload: row.get(4)? }))
            })
            .optional()?;
        let Some((hlc, here)) = here else {
            let adopted = self.adopted(record)?;
            self.merged.known += u64::from(adopted);
            return Ok(adopted);
        };
        if hlc != record.hlc {
            self.merged.elsewise += 1;
            return Ok(true);
        }
        self.merged.known += 1;
        let Record { kind, version, payload, .. } = record.clone();
        let brought = Content { kind, version, payload };
        if is_what_is_left_of(&brought, &here) {
            self.replace(record.device, *seq, &brought)?;
            self.gone.extend(named_files(decode(&here.kind, here.version, &here.payload)?.as_ref()));
            self.erased = true;
        } else if brought != here {
            self.gone.extend(named_files(reading.change.as_ref()));
        }
        Ok(true)
    }

    /// Whether it is here under a number of another device, which took it for its own to sync it.
    fn adopted(&self, record: &Record) -> Result<bool, StoreError> {
        Ok(self
            .transaction
            .prepare_cached(
                "SELECT 1 FROM record WHERE order_wall = ?1 AND order_counter = ?2 AND kind = ?3 AND version = ?4
                 AND payload = ?5",
            )?
            .exists(params![record.hlc.wall, record.hlc.counter, record.kind, record.version, record.payload])?)
    }

    /// Takes in a file under its hash.
    pub fn file(&mut self, file: &Blob) -> Result<(), StoreError> {
        blob::check_hash(file)?;
        let new = self
            .transaction
            .prepare_cached("INSERT INTO blob (sha256, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute(params![file.sha256, file.bytes])?;
        self.merged.files += u64::from(new > 0);
        // A file that nothing names any more goes with what was forgotten, which is looked for after a change.
        self.changed |= new > 0;
        Ok(())
    }

    fn replace(&mut self, device: DeviceId, seq: i64, content: &Content) -> Result<(), StoreError> {
        self.transaction
            .prepare_cached("UPDATE record SET kind = ?3, version = ?4, payload = ?5 WHERE device = ?1 AND seq = ?2")?
            .execute(params![Column(device), seq, content.kind, content.version, content.payload])?;
        self.changed = true;
        self.end.refolds = true;
        Ok(())
    }
}

/// What a record says.
#[derive(PartialEq)]
pub(crate) struct Content {
    pub(crate) kind: String,
    pub(crate) version: u16,
    pub(crate) payload: String,
}

/// One record is written once; only forgetting writes it again, and what it writes is less. So of two that differ the
/// shorter stands, whichever came first, and nothing that was erased comes back.
pub(crate) fn is_what_is_left_of(left: &Content, of: &Content) -> bool {
    let erased = |content: &Content| content.kind == Kind::Erased.as_str();
    let rank = |content: &Content| (!erased(content), content.payload.len());
    left != of && rank(left) < rank(of)
}

/// A record that can be folded; what cannot would stop every rebuild from then on.
pub struct CheckedRecord {
    record: Record,
    seq: i64,
    reading: Reading,
}

impl CheckedRecord {
    /// Who made it.
    pub(crate) fn device(&self) -> DeviceId {
        self.record.device
    }

    /// Its number.
    pub(crate) fn seq(&self) -> i64 {
        self.seq
    }

    /// One that this program cannot read, although it should, is refused. Needs no store: another thread may do it ahead.
    pub fn new(record: Record) -> Result<Self, StoreError> {
        let refuse = || StoreError::InvalidInput("a record that was to be taken in cannot be read");
        let seq = i64::try_from(record.seq).ok().filter(|seq| *seq > 0).ok_or_else(refuse)?;
        // A wall clock that no calendar has would push ours beyond all days.
        let dated = Timestamp::from_millis(record.hlc.wall).as_millis() == record.hlc.wall;
        checked_name(&record.kind)?;
        if !dated {
            return Err(refuse());
        }
        let reading = Reading::new(&record.kind, record.version, &record.payload).map_err(|_| refuse())?;
        Ok(Self { record, seq, reading })
    }
}

/// Refuses what is no name of a kind, be it of a newer program.
pub(crate) fn checked_name(kind: &str) -> Result<(), StoreError> {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if kind.is_empty() || kind.len() > MAX_KIND_BYTES || !kind.bytes().all(word) {
        return Err(StoreError::InvalidInput("a record that was to be taken in has no kind"));
    }
    Ok(())
}

/// What no message names need not be fetched.
pub(crate) fn drop_unnamed_files(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute(
        "DELETE FROM file_missing WHERE sha256 NOT IN (
             SELECT json_extract(a.value, '$.sha256') FROM message m, json_each(m.attachments) a
             WHERE m.attachments IS NOT NULL UNION SELECT sha256 FROM persona_file)",
        [],
    )?;
    Ok(())
}

/// What a change names, by hash.
fn named_files(change: Option<&Change>) -> Vec<String> {
    match change {
        Some(Change::Message(message)) => message.attachments.iter().map(|file| file.sha256.clone()).collect(),
        Some(Change::PersonaFile(put)) => put.sha256.iter().cloned().collect(),
        _ => Vec::new(),
    }
}

fn read<E: From<StoreError>>(
    transaction: &Transaction<'_>,
    take: &mut impl FnMut(Travelling) -> Result<(), E>,
) -> Result<(), E> {
    let sql = |error: rusqlite::Error| E::from(StoreError::from(error));
    let totals = transaction
        .query_row("SELECT (SELECT count(*) FROM record), (SELECT count(*) FROM blob)", [], |row| {
            let [records, files] = [row.get::<_, i64>(0)?, row.get(1)?].map(|count| u64::try_from(count).unwrap_or(0));
            Ok(Travelling::Totals { records, files })
        })
        .map_err(sql)?;
    take(totals)?;
    let mut records = transaction
        .prepare("SELECT device, seq, hlc_wall, hlc_counter, kind, version, payload FROM record ORDER BY device, seq")
        .map_err(sql)?;
    let mut rows = records.query([]).map_err(sql)?;
    while let Some(row) = rows.next().map_err(sql)? {
        take(Travelling::Record(record(row).map_err(sql)?))?;
    }
    let mut files = transaction.prepare("SELECT sha256, bytes FROM blob ORDER BY sha256").map_err(sql)?;
    let mut rows = files.query([]).map_err(sql)?;
    while let Some(row) = rows.next().map_err(sql)? {
        let file = || Ok(Blob { sha256: row.get(0)?, bytes: row.get(1)? });
        take(Travelling::File(file().map_err(sql)?))?;
    }
    Ok(())
}

fn record(row: &rusqlite::Row<'_>) -> rusqlite::Result<Record> {
    Ok(Record {
        device: row.get::<_, Column<DeviceId>>(0)?.0,
        seq: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0),
        hlc: Hlc { wall: row.get(2)?, counter: row.get(3)? },
        kind: row.get(4)?,
        version: row.get(5)?,
        payload: row.get(6)?,
    })
}
