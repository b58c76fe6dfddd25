//! What can still be read of a database file that SQLite refuses, page by page.
//!
//! SQLite reads a table from its root, and gives up at the first page that is wrong. But a row is written whole into one
//! page (what does not fit goes on in pages of its own), so each page is looked at for itself: whatever became of the header,
//! the root or the neighbours, the rows of the others are found. Format: <https://sqlite.org/fileformat2.html>.
//!
//! Only what proves itself is taken: a record that this program can read, and a file that is what its hash says. A letter that
//! changed inside of a text that can still be read is not seen here.

use crate::blob::{Blob, check_hash};
use crate::connection::{Place, open_reader};
use crate::error::StoreError;
use crate::journal;
use crate::merge::CheckedRecord;
use fs_err::File;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use twin_core::id::DeviceId;
use twin_core::record::Record;
use twin_core::time::Hlc;
use uuid::Uuid;

/// Of pages. Ours, and SQLite's own, which older homes have.
const USUAL_SIZES: [usize; 2] = [8192, 4096];
const TABLE_LEAF: u8 = 0x0d;
const INDEX_LEAF: u8 = 0x0a;
const INDEX_INTERIOR: u8 = 0x02;

/// What was found.
pub(crate) enum Piece {
    /// A line of the log.
    Record(Box<CheckedRecord>),
    /// A file that messages name.
    File(Blob),
    /// The index of the log says that there was a record.
    Listed {
        /// Its place in the one order.
        order: Hlc,
        /// Who made it.
        device: DeviceId,
        /// Its number.
        seq: i64,
    },
}

/// Hands everything to `take` that can be read of the file and its log of changes; some of it twice. Pages that the disk does
/// not give are passed over.
pub(crate) fn read(damaged: &Place, mut take: impl FnMut(Piece) -> Result<(), StoreError>) -> Result<(), StoreError> {
    let Place::Disk(database, key) = damaged else { return Ok(()) };
    if key.is_some() {
        return read_encrypted(damaged, take);
    }
    let log = journal::path(database);
    for size in page_size(database, &log).into_iter().chain(USUAL_SIZES) {
        let mut pages = Pages::open(database, &log, size);
        let mut found = false;
        let newer: Vec<u32> = pages.newer.keys().copied().collect();
        // What the log says of the number of a page may be anything.
        let grown = newer.iter().copied().filter(|number| *number > pages.count).collect::<Vec<_>>();
        for number in (1..=pages.count).chain(grown) {
            found |= pages.look_at(number, false, &mut take)?;
        }
        // Of pages that were written again since, the one before is of use only where the later one cannot be trusted.
        if journal::is_broken(&log) {
            for number in newer {
                found |= pages.look_at(number, true, &mut take)?;
            }
        }
        if found {
            break;
        }
    }
    Ok(())
}

/// No page of an encrypted file can be read by itself, but SQLite can be asked for each row. It gives nothing more on a connection
/// that came upon a page which is not as it was written: the next one goes on behind that page.
fn read_encrypted(damaged: &Place, mut take: impl FnMut(Piece) -> Result<(), StoreError>) -> Result<(), StoreError> {
    for table in [Table::Record, Table::File] {
        let mut next = 1;
        // Whatever it fails of, what follows is tried.
        while let Ok(connection) = open_reader(damaged) {
            let (begin, mut pieces) = (next, Vec::new());
            let ended = table.read_some(&connection, &mut next, &mut pieces);
            pieces.into_iter().try_for_each(&mut take)?;
            match ended {
                Ok(()) if next == begin => break,
                Ok(()) => {}
                Err(_) => match table.readable_behind(damaged, next) {
                    Some(behind) => next = behind,
                    None => break,
                },
            }
        }
    }
    Ok(())
}

/// What is looked for, row by row.
#[derive(Clone, Copy)]
enum Table {
    Record,
    File,
}

impl Table {
    /// From which number on rows can be read again, where those from `unreadable` on cannot: found by ever longer steps, then back
    /// by halves, so that no row behind the damage is passed over.
    fn readable_behind(self, damaged: &Place, unreadable: i64) -> Option<i64> {
        const FURTHEST: i64 = 1 << 20;
        let reads = |from: i64| {
            let Ok(connection) = open_reader(damaged) else { return false };
            let mut next = from;
            self.read_some(&connection, &mut next, &mut Vec::new()).is_ok() || next > from
        };
        let (mut before, mut step) = (unreadable, 1);
        while !reads(before + step) {
            before += step;
            step *= 2;
            if step >= FURTHEST {
                return None;
            }
        }
        let mut behind = before + step;
        while behind - before > 1 {
            let middle = before + (behind - before) / 2;
            if reads(middle) {
                behind = middle;
            } else {
                before = middle;
            }
        }
        Some(behind)
    }

    /// Reads some rows from the one numbered `next` on, which then is the one after them.
    fn read_some(self, connection: &Connection, next: &mut i64, pieces: &mut Vec<Piece>) -> Result<(), StoreError> {
        let mut rows = connection.prepare_cached(match self {
            Self::Record => {
                "SELECT rowid, device, seq, hlc_wall, hlc_counter, kind, version, payload FROM record
                 WHERE rowid >= ?1 ORDER BY rowid LIMIT 1000"
            }
            Self::File => "SELECT rowid, sha256, bytes FROM blob WHERE rowid >= ?1 ORDER BY rowid LIMIT 1",
        })?;
        let mut rows = rows.query([*next])?;
        while let Some(row) = rows.next()? {
            *next = row.get::<_, i64>(0)? + 1;
            let piece = match self {
                Self::Record => record_of(row)
                    .ok()
                    .and_then(|record| CheckedRecord::new(record).ok())
                    .map(Box::new)
                    .map(Piece::Record),
                Self::File => {
                    let file = Blob { sha256: row.get(1)?, bytes: row.get(2)? };
                    check_hash(&file).is_ok().then_some(Piece::File(file))
                }
            };
            pieces.extend(piece);
        }
        Ok(())
    }
}

fn record_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Record> {
    let device: [u8; 16] = row.get(1)?;
    Ok(Record {
        device: DeviceId::from_uuid(Uuid::from_bytes(device)),
        seq: row.get::<_, i64>(2)?.try_into().unwrap_or_default(),
        hlc: Hlc { wall: row.get(3)?, counter: row.get(4)? },
        kind: row.get(5)?,
        version: row.get(6)?,
        payload: row.get(7)?,
    })
}

/// As the header of the file says, or that of its log of changes; none where neither can be believed.
fn page_size(database: &Path, log: &Path) -> Option<usize> {
    let begins = |path: &Path| {
        let mut bytes = [0; 32];
        File::open(path).and_then(|mut file| file.read_exact(&mut bytes)).ok().map(|()| bytes)
    };
    let believed = |size: usize| (size.is_power_of_two() && (512..=65_536).contains(&size)).then_some(size);
    let of_file = begins(database).filter(|bytes| bytes.starts_with(b"SQLite format 3\0")).and_then(|bytes| {
        let size = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
        believed(if size == 1 { 65_536 } else { size })
    });
    let of_log = || believed(usize::try_from(u32::from_be_bytes(begins(log)?[8..12].try_into().ok()?)).ok()?);
    of_file.or_else(of_log)
}

/// The pages of a file, and the later ones of its log of changes.
struct Pages {
    size: usize,
    count: u32,
    /// In both together. No row is longer: a length that was hit must not take the machine's memory.
    bytes: u64,
    file: Option<File>,
    log: Option<File>,
    /// Where in the log the newest version of a page stands.
    newer: BTreeMap<u32, u64>,
}

impl Pages {
    fn open(database: &Path, log: &Path, size: usize) -> Self {
        // One that is not there holds nothing.
        let (file, log_file) = (File::open(database).ok(), File::open(log).ok());
        let length =
            |file: &Option<File>| file.as_ref().and_then(|file| Some(file.metadata().ok()?.len())).unwrap_or(0);
        let count = u32::try_from(length(&file).div_ceil(size as u64)).unwrap_or(u32::MAX);
        let bytes = length(&file) + length(&log_file);
        Self { size, count, bytes, file, log: log_file, newer: journal::pages(log, size) }
    }

    /// One page; what is missing at the end of a file that was cut off is zero.
    fn page(&mut self, number: u32, older: bool) -> Option<Vec<u8>> {
        let newer = self.newer.get(&number).filter(|_| !older);
        let (file, at) = match newer {
            Some(at) => (self.log.as_mut()?, *at),
            None => (self.file.as_mut()?, u64::from(number.checked_sub(1)?) * self.size as u64),
        };
        file.seek(SeekFrom::Start(at)).ok()?;
        let mut page = Vec::with_capacity(self.size);
        file.take(self.size as u64).read_to_end(&mut page).ok()?;
        page.resize(self.size, 0);
        Some(page)
    }

    /// Whether there was anything in it.
    fn look_at(
        &mut self,
        number: u32,
        older: bool,
        take: &mut impl FnMut(Piece) -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        let Some(page) = self.page(number, older) else { return Ok(false) };
        // The first page begins with the header of the file.
        let start = if number == 1 { 100 } else { 0 };
        let kind = page[start];
        let pointers = start + if kind == INDEX_INTERIOR { 12 } else { 8 };
        if ![TABLE_LEAF, INDEX_LEAF, INDEX_INTERIOR].contains(&kind) {
            return Ok(false);
        }
        let mut found = false;
        for cell in 0..usize::from(u16::from_be_bytes([page[start + 3], page[start + 4]])) {
            let Some(pointer) = page.get(pointers + 2 * cell..pointers + 2 * cell + 2) else { break };
            let at = usize::from(u16::from_be_bytes([pointer[0], pointer[1]]));
            if let Some(piece) = self.piece(&page, kind, at, older) {
                found = true;
                take(piece)?;
            }
        }
        Ok(found)
    }

    fn piece(&mut self, page: &[u8], kind: u8, at: usize, older: bool) -> Option<Piece> {
        let mut at = at + if kind == INDEX_INTERIOR { 4 } else { 0 };
        let length = varint(page, &mut at)?;
        if kind == TABLE_LEAF {
            varint(page, &mut at)?; // the row's number
        }
        let here = self.kept_here(length, kind)?;
        let local = page.get(at..at + here)?;
        let columns = columns(local)?;
        let shape: Vec<Shape> = columns.iter().map(|(of, _)| shape(*of)).collect();
        let is_record = kind == TABLE_LEAF && shape.len() >= 7 && fits(&shape, "BIIITIT");
        let is_file = kind == TABLE_LEAF && shape.len() == 2 && fits(&shape, "TB");
        let is_listed = kind != TABLE_LEAF && shape.len() == 5 && fits(&shape, "IIBII");
        if !(is_record || is_file || is_listed) {
            return None;
        }
        let mut bytes = local.to_vec();
        let whole = usize::try_from(length).ok()?;
        if here < whole {
            let next = page.get(at + here..at + here + 4)?;
            self.go_on(&mut bytes, u32::from_be_bytes(next.try_into().ok()?), whole, older)?;
        }
        let row = Row { bytes: &bytes, columns: &columns };
        if is_record {
            let record = CheckedRecord::new(row.record()?).ok()?;
            return Some(Piece::Record(Box::new(record)));
        }
        if is_file {
            let file = Blob { sha256: row.text(0)?, bytes: row.value(1)?.to_vec() };
            return check_hash(&file).is_ok().then_some(Piece::File(file));
        }
        let place = Hlc { wall: row.number(0)?, counter: u32::try_from(row.number(1)?).ok()? };
        Some(Piece::Listed { order: place, device: row.device(2)?, seq: row.number(3)? })
    }

    /// How many bytes of so long a row stand in its own page.
    fn kept_here(&self, length: u64, kind: u8) -> Option<usize> {
        let whole = usize::try_from(length).ok().filter(|_| length <= self.bytes)?;
        let most = if kind == TABLE_LEAF { self.size - 35 } else { (self.size - 12) * 64 / 255 - 23 };
        if whole <= most {
            return Some(whole);
        }
        let least = (self.size - 12) * 32 / 255 - 23;
        let part = least + (whole - least) % (self.size - 4);
        Some(if part <= most { part } else { least })
    }

    /// Appends what stands in the pages that follow.
    fn go_on(&mut self, bytes: &mut Vec<u8>, mut next: u32, whole: usize, older: bool) -> Option<()> {
        while bytes.len() < whole {
            if next == 0 {
                return None;
            }
            let page = self.page(next, older)?;
            next = u32::from_be_bytes(page[..4].try_into().ok()?);
            let more = (whole - bytes.len()).min(self.size - 4);
            bytes.extend_from_slice(&page[4..4 + more]);
        }
        Some(())
    }
}

/// A row, and where its columns stand in it.
struct Row<'a> {
    bytes: &'a [u8],
    columns: &'a [(u64, usize)],
}

impl Row<'_> {
    fn record(&self) -> Option<Record> {
        Some(Record {
            device: self.device(0)?,
            seq: u64::try_from(self.number(1)?).ok()?,
            hlc: Hlc { wall: self.number(2)?, counter: u32::try_from(self.number(3)?).ok()? },
            kind: self.text(4)?,
            version: u16::try_from(self.number(5)?).ok()?,
            payload: self.text(6)?,
        })
    }

    fn value(&self, column: usize) -> Option<&[u8]> {
        let (kind, at) = *self.columns.get(column)?;
        self.bytes.get(at..at.checked_add(size_of_value(kind)?)?)
    }

    fn text(&self, column: usize) -> Option<String> {
        String::from_utf8(self.value(column)?.to_vec()).ok()
    }

    fn device(&self, column: usize) -> Option<DeviceId> {
        Some(DeviceId::from_uuid(Uuid::from_bytes(self.value(column)?.try_into().ok()?)))
    }

    fn number(&self, column: usize) -> Option<i64> {
        match self.columns.get(column)?.0 {
            8 => Some(0),
            9 => Some(1),
            1..=6 => {
                let bytes = self.value(column)?;
                let negative = bytes.first().is_some_and(|first| *first >= 0x80);
                let start = if negative { -1 } else { 0 };
                Some(bytes.iter().fold(start, |number: i64, byte| number << 8 | i64::from(*byte)))
            }
            _ => None,
        }
    }
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Number,
    Text,
    Bytes,
    Other,
}

fn shape(kind: u64) -> Shape {
    match kind {
        1..=6 | 8 | 9 => Shape::Number,
        12.. if kind.is_multiple_of(2) => Shape::Bytes,
        12.. => Shape::Text,
        _ => Shape::Other,
    }
}

/// Whether the first columns are these: `B` bytes, `I` a number, `T` a text.
fn fits(shape: &[Shape], wanted: &str) -> bool {
    let wanted = wanted.chars().map(|letter| match letter {
        'B' => Shape::Bytes,
        'I' => Shape::Number,
        _ => Shape::Text,
    });
    shape.len() >= wanted.clone().count() && shape.iter().zip(wanted).all(|(here, wanted)| *here == wanted)
}

fn size_of_value(kind: u64) -> Option<usize> {
    match kind {
        0 | 8 | 9 => Some(0),
        1..=4 => usize::try_from(kind).ok(),
        5 => Some(6),
        6 | 7 => Some(8),
        12.. => usize::try_from((kind - 12) / 2).ok(),
        _ => None,
    }
}

/// The kinds of a row's columns, and where in the row each begins.
fn columns(row: &[u8]) -> Option<Vec<(u64, usize)>> {
    const MOST: usize = 24;
    let mut at = 0;
    let header = usize::try_from(varint(row, &mut at)?).ok()?;
    let (mut columns, mut value) = (Vec::new(), header);
    while at < header && columns.len() < MOST {
        let kind = varint(row, &mut at)?;
        columns.push((kind, value));
        value = value.checked_add(size_of_value(kind)?)?;
    }
    (at == header).then_some(columns)
}

/// One to nine bytes, the highest bit of each says whether another follows.
fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut number = 0;
    for place in 0..9 {
        let byte = *bytes.get(*at)?;
        *at += 1;
        if place == 8 {
            return Some(number << 8 | u64::from(byte));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}
