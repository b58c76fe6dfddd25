//! A list of conversations, one at a time: however large the file is, one of them is in memory.

use super::{Conversation, ImportKind, SkipReason, SkippedList, chatgpt, claude, file_name};
use crate::archive::{refuse, unreadable};
use crate::error::invalid;
use crate::job::{Job, Stage, Stop};
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::cell::Cell;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use twin_core::time::Timestamp;
use zip::ZipArchive;
use zip::result::ZipError;

/// One conversation; larger ones are not written by anybody.
const MAX_ITEM_BYTES: u64 = 256 * 1024 * 1024;

/// JSON is packed to a tenth. What unpacks to more than this times the size of the ZIP, beyond the first bytes, was made to
/// keep a machine busy.
const MOST_UNPACKED: u64 = 400;
const UNPACKED_ANYWAY: u64 = 256 * 1024 * 1024;

/// What is in a file.
pub(super) enum Items<'a> {
    /// A session file of the first digital twin.
    Seed,
    /// Conversations of another program.
    Conversations(Conversations<'a>),
}

/// Conversations that are read when they are asked for.
pub(super) struct Conversations<'a> {
    file: PathBuf,
    zipped: bool,
    now: Timestamp,
    job: &'a Job,
}

/// Looks at the first thing in it.
pub(super) fn items<'a>(file: &Path, zipped: bool, now: Timestamp, job: &'a Job) -> Result<Items<'a>, Stop> {
    let conversations = Conversations { file: file.to_owned(), zipped, now, job };
    let mut seed = false;
    if !zipped {
        let mut first = None;
        let odd = conversations.read(&mut |_, raw| {
            first = Some(Shape::of(raw));
            Ok(false)
        })?;
        // An empty list is what an empty session was kept as.
        seed = first == Some(Shape::Seed) || first.is_none() && odd.is_empty();
    }
    Ok(if seed { Items::Seed } else { Items::Conversations(conversations) })
}

/// Why a file is no session file; none: it is one, be it an empty one. Only such a file is read to its end.
pub(super) fn no_seed(file: &Path, now: Timestamp) -> Result<Option<SkipReason>, Stop> {
    let job = Job::quiet();
    let conversations = Conversations { file: file.to_owned(), zipped: false, now, job: &job };
    let mut seed = None;
    let odd = conversations.read(&mut |_, raw| Ok(*seed.get_or_insert_with(|| Shape::of(raw) == Shape::Seed)))?;
    if seed == Some(false) {
        return Ok(Some(SkipReason::NoConversation));
    }
    if odd.is_empty() {
        return Ok(None);
    }
    let mut reader = BufReader::new(fs_err::File::open(file).map_err(|error| unreadable(&error))?);
    skip_byte_order_mark(&mut reader).map_err(|error| unreadable(&error))?;
    let ends_early = serde_json::from_reader::<_, IgnoredAny>(reader).is_err_and(|error| error.is_eof());
    Ok(Some(if ends_early { SkipReason::CutOff } else { SkipReason::Broken }))
}

/// What a thing in a list is, by the names in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Chatgpt,
    Claude,
    Seed,
    Other,
}

impl Shape {
    fn of(raw: &RawValue) -> Self {
        #[derive(Deserialize)]
        struct Names {
            mapping: Option<IgnoredAny>,
            chat_messages: Option<IgnoredAny>,
            role: Option<IgnoredAny>,
            content: Option<IgnoredAny>,
        }
        match serde_json::from_str::<Names>(raw.get()) {
            Ok(Names { mapping: Some(_), .. }) => Self::Chatgpt,
            Ok(Names { chat_messages: Some(_), .. }) => Self::Claude,
            Ok(Names { role: Some(_), content: Some(_), .. }) => Self::Seed,
            _ => Self::Other,
        }
    }
}

impl Conversations<'_> {
    /// Hands each to `take`; what kind they are, and what was skipped. Fails if there is none in the whole file.
    pub(super) fn each(
        &self,
        take: &mut dyn FnMut(Conversation) -> Result<(), Stop>,
    ) -> Result<(ImportKind, SkippedList), Stop> {
        let mut skipped = SkippedList::default();
        let mut kind = None;
        let cut_off = self.read(&mut |place, raw| {
            let (found, conversation) = match Shape::of(raw) {
                Shape::Chatgpt => (ImportKind::Chatgpt, chatgpt::conversation(raw, place, self.now)),
                Shape::Claude => (ImportKind::Claude, claude::conversation(raw, place, self.now)),
                Shape::Seed | Shape::Other => {
                    skipped.add(place, SkipReason::NoConversation);
                    return Ok(true);
                }
            };
            kind.get_or_insert(found);
            match conversation {
                Err(reason) => skipped.add(place, reason),
                Ok(mut conversation) => {
                    skipped.extend(std::mem::take(&mut conversation.skipped));
                    if conversation.messages.is_empty() {
                        skipped.add(place, SkipReason::Empty);
                    } else {
                        take(conversation)?;
                    }
                }
            }
            Ok(true)
        })?;
        let kind = kind.ok_or_else(|| {
            refuse(
                "there is no conversation in the file that this program knows how to read",
                "Choose an archive of this program, a session file, or what ChatGPT or Claude exported.",
            )
        })?;
        for place in cut_off {
            match place {
                Odd::CutOff(place) => skipped.add(place, SkipReason::CutOff),
                Odd::Beside(place) => skipped.add(place, SkipReason::NoConversation),
            }
        }
        Ok((kind, skipped))
    }

    /// Hands over each thing in the lists, with its place, until it says that it has enough.
    fn read(&self, take: &mut dyn FnMut(&str, &RawValue) -> Result<bool, Stop>) -> Result<Vec<Odd>, Stop> {
        let opened = fs_err::File::open(&self.file).map_err(|error| unreadable(&error))?;
        let total = opened.metadata().map_err(|error| unreadable(&error))?.len();
        let mut odd = Vec::new();
        if !self.zipped {
            let name = file_name(&self.file);
            self.list(opened, &name, total, u64::MAX, take, &mut odd)?;
            return Ok(odd);
        }
        let mut zip = ZipArchive::new(BufReader::new(opened)).map_err(|error| damaged_zip(&error))?;
        let most = total.saturating_mul(MOST_UNPACKED).max(UNPACKED_ANYWAY);
        for index in 0..zip.len() {
            let entry = zip.by_index(index).map_err(|error| damaged_zip(&error))?;
            // A name is only looked at, and nothing is written under it.
            let name: String = entry
                .name()
                .map_err(|error| damaged_zip(&error))?
                .chars()
                .filter(|char| !char.is_control())
                .take(200)
                .collect();
            let last = name.rsplit('/').next().unwrap_or_default();
            if !entry.is_file() {
                continue;
            }
            if !(last.strip_suffix(".json").is_some_and(|name| name.starts_with("conversations"))) {
                odd.push(Odd::Beside(name));
                continue;
            }
            let size = entry.size();
            if !self.list(entry, &name, size, most, take, &mut odd)? {
                break;
            }
        }
        Ok(odd)
    }

    /// False: it has enough.
    fn list(
        &self,
        from: impl Read,
        name: &str,
        total: u64,
        most: u64,
        take: &mut dyn FnMut(&str, &RawValue) -> Result<bool, Stop>,
        odd: &mut Vec<Odd>,
    ) -> Result<bool, Stop> {
        let flow = Rc::new(Flow::default());
        let mut reader =
            BufReader::with_capacity(64 * 1024, Measured { from: BufReader::new(from), flow: Rc::clone(&flow), most });
        skip_byte_order_mark(&mut reader).map_err(|error| unreadable(&error))?;
        let list = first_byte(&mut reader).map_err(|error| unreadable(&error))? == Some(b'[');
        let (mut stopped, mut enough, mut index) = (None, false, 0_u64);
        let mut each = |raw: &RawValue| {
            flow.of_item.set(0);
            let place = if list { format!("{name}[{index}]") } else { name.to_owned() };
            index += 1;
            let taken = self.job.step(Stage::Reading, flow.bytes.get(), total).and_then(|()| take(&place, raw));
            match taken {
                Ok(true) => true,
                Ok(false) => {
                    enough = true;
                    false
                }
                Err(stop) => {
                    stopped = Some(stop);
                    false
                }
            }
        };
        let mut json = serde_json::Deserializer::from_reader(reader);
        let read = if list {
            Each(&mut each).deserialize(&mut json)
        } else {
            Box::<RawValue>::deserialize(&mut json).map(|raw| {
                each(&raw);
            })
        };
        if let Some(stop) = stopped {
            return Err(stop);
        }
        if enough {
            return Ok(false);
        }
        if let Err(error) = read {
            if flow.too_much.get() {
                return Err(refuse("the file unpacks to more than such a file can hold", "Choose another file."));
            }
            if error.is_io() && !flow.too_long.get() {
                return Err(Stop::Failed(invalid(
                    "the file cannot be read to its end",
                    "Check the disk that it is on.",
                )));
            }
            // What came before is whole.
            let line = error.line();
            odd.push(Odd::CutOff(format!("{name}[{index}], line {line}")));
        }
        Ok(true)
    }
}

/// What is odd about a file as a whole.
enum Odd {
    /// It ends, or is no JSON, from here on.
    CutOff(String),
    /// It is something else.
    Beside(String),
}

/// Every element of a list, as it stands there.
struct Each<F>(F);

impl<'de, F: FnMut(&RawValue) -> bool> DeserializeSeed<'de> for Each<F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(&RawValue) -> bool> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(raw) = list.next_element::<Box<RawValue>>()? {
            if !(self.0)(&raw) {
                return Err(A::Error::custom("enough"));
            }
        }
        Ok(())
    }
}

/// What went through.
#[derive(Default)]
struct Flow {
    bytes: Cell<u64>,
    of_item: Cell<u64>,
    too_much: Cell<bool>,
    too_long: Cell<bool>,
}

struct Measured<R> {
    from: R,
    flow: Rc<Flow>,
    most: u64,
}

impl<R: Read> Read for Measured<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(into)?;
        let flow = &self.flow;
        flow.bytes.set(flow.bytes.get() + read as u64);
        flow.of_item.set(flow.of_item.get() + read as u64);
        flow.too_much.set(flow.bytes.get() > self.most);
        flow.too_long.set(flow.of_item.get() > MAX_ITEM_BYTES);
        if flow.too_much.get() || flow.too_long.get() {
            return Err(std::io::Error::other("too large"));
        }
        Ok(read)
    }
}

fn skip_byte_order_mark(reader: &mut impl BufRead) -> std::io::Result<()> {
    if reader.fill_buf()?.starts_with(b"\xEF\xBB\xBF") {
        reader.consume(3);
    }
    Ok(())
}

/// The first that is no space; it is not taken.
fn first_byte(reader: &mut impl BufRead) -> std::io::Result<Option<u8>> {
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(None);
        }
        if let Some(at) = buffer.iter().position(|byte| !byte.is_ascii_whitespace()) {
            return Ok(Some(buffer[at]));
        }
        let all = buffer.len();
        reader.consume(all);
    }
}

fn damaged_zip(error: &ZipError) -> Stop {
    match error {
        ZipError::Io(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => unreadable(error),
        ZipError::UnsupportedArchive(_) => {
            refuse("the ZIP file is packed in a way that this program does not read", "Unpack it, and import the JSON.")
        }
        _ => refuse("the ZIP file is damaged or cut off", "Download it again, then import it."),
    }
}
