//! SQLite's log of changes (`twin.db-wal`), looked at before SQLite does.
//!
//! SQLite takes of it what is whole and passes over the rest without a word, and a log that is gone is to it an empty one.
//! What was acknowledged and stood only there would be lost, and nobody would know. But the index beside it (`-shm`), which
//! stays when a process was killed, says how far it had come. Format: <https://sqlite.org/walformat.html>.

use crate::error::StoreError;
use fs_err::{self as fs, File};
use std::collections::BTreeMap;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// Of the index: its header twice, then how much of the log is in the file.
const INDEX_HEADER: usize = 48;

/// Beside the database.
pub(crate) fn path(database: &Path) -> PathBuf {
    beside(database, "-wal")
}

/// Of a database.
pub(crate) fn beside(database: &Path, side: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(side);
    PathBuf::from(name)
}

/// Fails if the log of a database that nobody has open lacks something that was acknowledged.
pub(crate) fn require_whole(database: &Path) -> Result<(), StoreError> {
    let Some(index) = Index::read(&beside(database, "-shm")) else { return Ok(()) };
    if index.frames <= index.in_file {
        return Ok(());
    }
    let log = path(database);
    match fs::metadata(&log) {
        // SQLite empties it once all of it is in the file; after a power cut the index may be from before that.
        Ok(meta) if meta.len() == 0 => return Ok(()),
        Ok(_) => {}
        Err(_) => return Err(StoreError::Damaged("its log of changes (twin.db-wal) is gone".to_owned())),
    }
    let walked = Walk::over(&log);
    // A later log than the index knows, after a power cut: then the index is the older of the two.
    let later = walked.as_ref().is_some_and(|walk| walk.salts != index.salts);
    if later || walked.is_some_and(|walk| walk.whole >= index.frames) {
        return Ok(());
    }
    Err(StoreError::Damaged("its log of changes (twin.db-wal) is broken".to_owned()))
}

/// Whether a log that is there holds more than what is whole of it.
pub(crate) fn is_broken(log: &Path) -> bool {
    let frames = |walk: &Walk| walk.frames.len();
    Walk::over(log).is_none_or(|walk| frames(&walk) > walk.whole as usize)
}

/// Where in the log the newest version of each page begins, up to the last change that was finished. What SQLite would pass
/// over because something before it is broken counts as well.
pub(crate) fn pages(log: &Path, size: usize) -> BTreeMap<u32, u64> {
    let walk = Walk::over(log).filter(|walk| walk.size == size).or_else(|| Walk::without_header(log, size));
    let frames = walk.map_or(Vec::new(), |walk| walk.frames);
    let finished = frames.iter().rposition(|frame| frame.ends).map_or(0, |last| last + 1);
    frames[..finished].iter().map(|frame| (frame.page, frame.at)).collect()
}

/// What the index says.
struct Index {
    frames: u32,
    in_file: u32,
    salts: [u8; 8],
}

impl Index {
    /// None where there is none, or one that was not finished.
    fn read(path: &Path) -> Option<Self> {
        let mut bytes = [0; INDEX_HEADER * 2 + 4];
        File::open(path).ok()?.read_exact(&mut bytes).ok()?;
        let (first, second) = (&bytes[..INDEX_HEADER], &bytes[INDEX_HEADER..INDEX_HEADER * 2]);
        let begun = first[12] == 1;
        // It is in the byte order of the machine.
        let number = |at: usize| Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        (begun && first == second).then_some(())?;
        Some(Self { frames: number(16)?, in_file: number(INDEX_HEADER * 2)?, salts: first[32..40].try_into().ok()? })
    }
}

/// One page in the log.
struct Frame {
    page: u32,
    /// Where the page begins.
    at: u64,
    /// The last of one change.
    ends: bool,
}

/// A log that was walked to its end.
struct Walk {
    size: usize,
    salts: [u8; 8],
    /// How many from the start are as they were written.
    whole: u32,
    /// All that belong to it, the broken ones too.
    frames: Vec<Frame>,
}

impl Walk {
    /// None where its header is not whole.
    fn over(log: &Path) -> Option<Self> {
        let mut reader = BufReader::new(File::open(log).ok()?);
        let mut header = [0; HEADER];
        reader.read_exact(&mut header).ok()?;
        let big = match big(&header[..4])? {
            0x377f_0682 => false,
            0x377f_0683 => true,
            _ => return None,
        };
        let sum = checksum(big, [0, 0], &header[..24]);
        ([self::big(&header[24..28])?, self::big(&header[28..32])?] == sum).then_some(())?;
        let size = usize::try_from(self::big(&header[8..12])?).ok().filter(|size| (512..=65_536).contains(size))?;
        Some(Self::read(reader, size, header[16..24].try_into().ok()?, Some((big, sum))))
    }

    /// With the salts of its first page.
    fn without_header(log: &Path, size: usize) -> Option<Self> {
        let mut reader = BufReader::new(File::open(log).ok()?);
        let mut start = [0; HEADER + FRAME_HEADER];
        reader.read_exact(&mut start).ok()?;
        let salts = start[HEADER + 8..HEADER + 16].try_into().ok()?;
        let mut reader = BufReader::new(File::open(log).ok()?);
        reader.read_exact(&mut [0; HEADER]).ok()?;
        Some(Self::read(reader, size, salts, None))
    }

    fn read(mut reader: impl Read, size: usize, salts: [u8; 8], mut sum: Option<(bool, [u32; 2])>) -> Self {
        let mut walk = Self { size, salts, whole: 0, frames: Vec::new() };
        let mut bytes = vec![0; FRAME_HEADER + size];
        let mut at = HEADER as u64;
        while reader.read_exact(&mut bytes).is_ok() {
            let [page, ends, first, second] =
                [0, 4, 16, 20].map(|start| big(&bytes[start..start + 4]).unwrap_or_default());
            let ours = bytes[8..16] == salts;
            sum = sum.filter(|_| ours).and_then(|(big, before)| {
                let sum = checksum(big, checksum(big, before, &bytes[..8]), &bytes[FRAME_HEADER..]);
                (sum == [first, second]).then_some((big, sum))
            });
            walk.whole += u32::from(sum.is_some());
            if ours && page > 0 {
                walk.frames.push(Frame { page, at: at + FRAME_HEADER as u64, ends: ends > 0 });
            }
            at += bytes.len() as u64;
        }
        walk
    }
}

fn big(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

fn checksum(big: bool, [mut first, mut second]: [u32; 2], bytes: &[u8]) -> [u32; 2] {
    for pair in bytes.chunks_exact(8) {
        let word = |at: usize| {
            let word = [pair[at], pair[at + 1], pair[at + 2], pair[at + 3]];
            if big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
        };
        first = first.wrapping_add(word(0)).wrapping_add(second);
        second = second.wrapping_add(word(4)).wrapping_add(first);
    }
    [first, second]
}
