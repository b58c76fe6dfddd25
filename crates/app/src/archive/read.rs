//! Reading an archive. Nothing in it is trusted: not a name, not a size, not how much it unpacks to.

use super::seal::{self, MAGIC};
use super::write::hexadecimal;
use super::{FORMAT, HEAD, Head, MANIFEST, Manifest, Part, VERSION, refuse, unreadable};
use crate::error::invalid;
use crate::job::{Job, Stage, Stop};
use crate::persona;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tar::{Archive, Entry, EntryType};
use twin_core::record::Record;
use twin_core::secret::Secret;
use twin_core::sync::hex;
use twin_store::Blob;

/// One record, one attached file or one file of the persona; larger ones are never made.
const MAX_PIECE_BYTES: u64 = 256 * 1024 * 1024;

/// The manifest names each part, of which there is one for four megabytes.
const MAX_MANIFEST_BYTES: u64 = 64 * 1024 * 1024;

/// Text is packed to a tenth, rarely to a fiftieth. What unpacks to more than this times its size, beyond the first bytes,
/// was made to fill a disk.
const MOST_UNPACKED: u64 = 400;
const UNPACKED_ANYWAY: u64 = 256 * 1024 * 1024;

/// zstd's window, as the power of two of its bytes: 128 MB is what its own program takes without being asked.
const MAX_WINDOW: u32 = 27;

/// What is in an archive.
pub(crate) enum Piece {
    /// A line of the log.
    Record(Record),
    /// A file that messages name.
    File(Blob),
    /// A file of the persona, by its path in that folder: a plain one that leads nowhere else.
    Persona {
        /// Relative, with slashes.
        path: String,
        /// Its content.
        bytes: Vec<u8>,
    },
}

/// Whether a file begins as one that is sealed with a passphrase.
pub(crate) fn is_locked(beginning: &[u8]) -> bool {
    beginning.starts_with(MAGIC)
}

/// Hands every piece to `take`. What the pieces say may be believed only when this has returned: the manifest comes last.
pub(crate) fn walk(
    file: &Path,
    passphrase: Option<&Secret<String>>,
    job: &Job,
    take: &mut dyn FnMut(Piece) -> Result<(), Stop>,
) -> Result<Manifest, Stop> {
    let opened = fs_err::File::open(file).map_err(|error| unreadable(&error))?;
    let total = opened.metadata().map_err(|error| unreadable(&error))?.len();
    let flow = Arc::new(Flow::default());
    let mut packed = BufReader::new(Packed { file: opened.into_file(), flow: Arc::clone(&flow) });
    let sealed = is_locked(packed.fill_buf().map_err(|error| unreadable(&error))?);
    let plain: Box<dyn Read> = if sealed { Box::new(seal::open(packed, passphrase)?) } else { Box::new(packed) };
    let mut unpacking = zstd::Decoder::new(plain).map_err(|_| damaged())?;
    unpacking.window_log_max(MAX_WINDOW).map_err(|_| damaged())?;
    let walk = Walk { flow: Arc::clone(&flow), total, job, take, parts: Vec::new(), records: 0, files: 0, numbered: 0 };
    walk.entries(Unpacked { from: unpacking, flow: Arc::clone(&flow), bytes: 0 }).map_err(|stop| flow.explain(stop))
}

struct Walk<'a> {
    flow: Arc<Flow>,
    total: u64,
    job: &'a Job,
    take: &'a mut dyn FnMut(Piece) -> Result<(), Stop>,
    parts: Vec<Part>,
    records: u64,
    files: u64,
    numbered: u32,
}

impl Walk<'_> {
    fn entries(mut self, unpacked: Unpacked<impl Read>) -> Result<Manifest, Stop> {
        let mut archive = Archive::new(unpacked);
        let mut entries = archive.entries().map_err(|_| damaged())?;
        let mut manifest = None;
        let mut first = true;
        while let Some(entry) = entries.next().transpose().map_err(|_| damaged())? {
            self.step()?;
            let name = name(&entry)?;
            if first {
                begin(&name, entry)?;
                first = false;
            } else if manifest.is_some() {
                return Err(strange());
            } else if name == MANIFEST {
                let bytes = whole(entry, MAX_MANIFEST_BYTES)?;
                manifest = Some(parse::<Manifest>(&bytes)?);
            } else {
                self.entry(&name, entry)?;
            }
        }
        // The seal and the checksum of what was packed stand at the very end.
        std::io::copy(&mut archive.into_inner(), &mut std::io::sink()).map_err(|_| damaged())?;
        let manifest = manifest.ok_or_else(damaged)?;
        if (manifest.records, manifest.files) != (self.records, self.files) || manifest.parts != self.parts {
            return Err(damaged());
        }
        Ok(manifest)
    }

    fn entry(&mut self, name: &str, entry: Entry<'_, impl Read>) -> Result<(), Stop> {
        if name == format!("records/{:06}.jsonl", self.numbered + 1) {
            self.numbered += 1;
            return self.records(name, entry);
        }
        if let Some(sha256) = name.strip_prefix("files/") {
            let bytes = whole(entry, MAX_PIECE_BYTES)?;
            if hexadecimal(&bytes) != sha256 {
                return Err(damaged());
            }
            self.files += 1;
            return (self.take)(Piece::File(Blob { sha256: sha256.to_owned(), bytes }));
        }
        if let Some(path) = name.strip_prefix("persona/").filter(|path| persona::is_plain(path)) {
            let bytes = whole(entry, MAX_PIECE_BYTES)?;
            let sha256 = hexadecimal(&bytes);
            self.parts.push(Part { name: name.to_owned(), bytes: bytes.len() as u64, sha256 });
            return (self.take)(Piece::Persona { path: path.to_owned(), bytes });
        }
        Err(strange())
    }

    fn records(&mut self, name: &str, entry: Entry<'_, impl Read>) -> Result<(), Stop> {
        let size = entry.size();
        let mut lines = BufReader::new(entry);
        let mut hasher = Sha256::new();
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut lines).take(MAX_PIECE_BYTES).read_until(b'\n', &mut line).map_err(|_| damaged())?;
            if read == 0 {
                break;
            }
            hasher.update(&line);
            self.records += 1;
            (self.take)(Piece::Record(parse(&line)?))?;
            self.step()?;
        }
        let sha256 = hex(&hasher.finalize());
        self.parts.push(Part { name: name.to_owned(), bytes: size, sha256 });
        Ok(())
    }

    fn step(&self) -> Result<(), Stop> {
        self.job.step(Stage::Reading, self.flow.packed.load(Ordering::Relaxed), self.total)
    }
}

/// What it is, before anything in it is believed.
fn begin(name: &str, entry: Entry<'_, impl Read>) -> Result<(), Stop> {
    if name != HEAD {
        return Err(refuse("that is no archive of this program", "Choose a file that was exported as an archive."));
    }
    let head: Head = parse(&whole(entry, 1024)?)?;
    if head.format != FORMAT {
        return Err(refuse("that is no archive of this program", "Choose a file that was exported as an archive."));
    }
    if head.version > VERSION {
        return Err(refuse(
            "the archive was written by a newer version of this program",
            "Install the newest version of Digital Twin, then import it again.",
        ));
    }
    Ok(())
}

/// The name of a plain file: links, folders and devices are never in an archive.
fn name(entry: &Entry<'_, impl Read>) -> Result<String, Stop> {
    if entry.header().entry_type() != EntryType::Regular {
        return Err(strange());
    }
    String::from_utf8(entry.path_bytes().into_owned()).map_err(|_| strange())
}

fn whole(entry: Entry<'_, impl Read>, most: u64) -> Result<Vec<u8>, Stop> {
    let size = entry.size();
    if size > most {
        return Err(strange());
    }
    // What the header says of the size is not believed before that much has come.
    let mut bytes = Vec::new();
    entry.take(most).read_to_end(&mut bytes).map_err(|_| damaged())?;
    if bytes.len() as u64 == size { Ok(bytes) } else { Err(damaged()) }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Stop> {
    serde_json::from_slice(bytes).map_err(|_| damaged())
}

pub(super) fn damaged() -> Stop {
    refuse("the archive is damaged or cut off", "Nothing was taken in. Try another copy of the file.")
}

fn strange() -> Stop {
    refuse("there is something in the archive that does not belong there", "Nothing was taken in. Make a new archive.")
}

/// What went through, and why it stopped: the readers in between tell only that it did.
#[derive(Default)]
struct Flow {
    packed: AtomicU64,
    implausible: AtomicBool,
    unreadable: AtomicBool,
}

impl Flow {
    fn explain(&self, stop: Stop) -> Stop {
        if matches!(stop, Stop::Cancelled) {
            return stop;
        }
        if self.implausible.load(Ordering::Relaxed) {
            return refuse(
                "the archive unpacks to more than such a file can hold",
                "Nothing was taken in. Import only archives that you made.",
            );
        }
        if self.unreadable.load(Ordering::Relaxed) {
            return Stop::Failed(invalid("the file cannot be read to its end", "Check the disk that it is on."));
        }
        stop
    }
}

/// The file as it is.
struct Packed {
    file: File,
    flow: Arc<Flow>,
}

impl Read for Packed {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(into).inspect_err(|error| {
            let passing = error.kind() == std::io::ErrorKind::Interrupted;
            self.flow.unreadable.fetch_or(!passing, Ordering::Relaxed);
        })?;
        self.flow.packed.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// What comes out of it.
struct Unpacked<R> {
    from: R,
    flow: Arc<Flow>,
    bytes: u64,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(into)?;
        self.bytes += read as u64;
        let most = self.flow.packed.load(Ordering::Relaxed).saturating_mul(MOST_UNPACKED).max(UNPACKED_ANYWAY);
        if self.bytes > most {
            self.flow.implausible.store(true, Ordering::Relaxed);
            return Err(std::io::Error::other("more than plausible"));
        }
        Ok(read)
    }
}
