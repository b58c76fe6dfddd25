//! Reduces a PDF to what places text, so that a reader that trusts its input can be given one that does not deserve it.

use flate2::{Decompress, FlushDecompress, Status};
use pdf_extract::content::{Content, Operation};
use pdf_extract::{Dictionary, Document, Object, ObjectId, Stream};
use std::collections::HashMap;

/// The most that all streams of a document may unpack to, and all its pages may draw.
pub(super) const MAX_UNPACKED_BYTES: u64 = 64 * 1024 * 1024;
/// How far page trees and forms within forms may nest.
const MAX_DEPTH: usize = 16;
/// LZW streams are of the last century and have no cheap limit: only small ones are read.
const MAX_LZW_BYTES: usize = 64 * 1024;
/// How many letters the code ranges of one font may map: two bytes' worth, several times over.
const MAX_MAPPED_CODES: u64 = 1_000_000;
/// How long the dictionary of a stream is at most.
const MAX_DICTIONARY_BYTES: usize = 4096;
/// How deep the PostScript of a font may nest; real ones stay below ten.
const MAX_POSTSCRIPT_DEPTH: usize = 64;

/// Whether the compressed streams, found by their keyword and not by a structure that may lie, unpack to more than a
/// document should have. Asked before anything is unpacked for good.
pub(super) fn unpacks_beyond(bytes: &[u8], limit: u64) -> bool {
    let (mut unpacker, mut total, mut before) = (Unpacker::new(), 0, Before::default());
    for (at, byte) in bytes.iter().enumerate() {
        let starts = |word: &[u8]| bytes[at..].starts_with(word);
        match byte {
            b'o' if starts(b"obj") => before.object = at,
            b'/' if starts(b"/Image") => before.image = Some(at),
            b'#' => before.other = Some(at),
            b'O' if starts(b"ObjStm") => before.other = Some(at),
            b'X' if starts(b"XRef") => before.other = Some(at),
            b's' if starts(b"stream") && !before.is_picture(at) => {
                total += unpacker.length(content(&bytes[at + b"stream".len()..]), limit - total);
                if total >= limit {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// What follows the keyword and the end of its line, as lopdf has it: white space behind that belongs to the content.
fn content(rest: &[u8]) -> &[u8] {
    let spaces = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let rest = &rest[spaces..];
    let ends = [&b"\r\n"[..], b"\n", b"\r"];
    ends.iter().find_map(|end| rest.strip_prefix(*end)).unwrap_or(rest)
}

/// Where the words stood last that tell whether a dictionary is a picture's. Remembered, not looked for again at each
/// stream: a file may be nothing but the keyword.
#[derive(Default)]
struct Before {
    object: usize,
    image: Option<usize>,
    other: Option<usize>,
}

impl Before {
    /// Whether the dictionary that ends here is a picture's: large and fine, because nobody unpacks it.
    fn is_picture(&self, at: usize) -> bool {
        let start = self.object.max(at.saturating_sub(MAX_DICTIONARY_BYTES));
        let within = |word: Option<usize>| word.is_some_and(|word| word >= start);
        within(self.image) && !within(self.other)
    }
}

/// One for all streams of a file: to make one takes longer than to see that most are none.
struct Unpacker {
    inflate: Decompress,
    block: Vec<u8>,
}

impl Unpacker {
    fn new() -> Self {
        Self { inflate: Decompress::new(false), block: vec![0; 64 * 1024] }
    }

    /// How much a stream unpacks to, up to a limit. Damaged ones: as far as they go. Its first two bytes are passed over
    /// (RFC 1950, 2.2), right or wrong: lopdf passes over them where they are wrong, and then unpacks without limit.
    fn length(&mut self, data: &[u8], limit: u64) -> u64 {
        let mut data = data.get(2..).unwrap_or_default();
        self.inflate.reset(false);
        let mut total = 0;
        while total < limit {
            let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(data, &mut self.block, FlushDecompress::None);
            let read = usize::try_from(self.inflate.total_in() - read).unwrap_or(data.len());
            data = data.get(read..).unwrap_or_default();
            total = self.inflate.total_out();
            let stands = read == 0 && total == written;
            if !matches!(status, Ok(Status::Ok)) || stands {
                break;
            }
        }
        total.min(limit)
    }
}

/// Leaves of the document only what places text, all of it unpacked, without circles. None: there is too much of it.
pub(super) fn to_text(document: &mut Document) -> Option<()> {
    unpack(document)?;
    tame_fonts(document);
    let forms = reduce_forms(document);
    reduce_pages(document, &forms)
}

/// Unpacks every stream that may hold text or describe a font, and empties the others.
fn unpack(document: &mut Document) -> Option<()> {
    let mut total = 0;
    for object in document.objects.values_mut() {
        let Object::Stream(stream) = object else { continue };
        let content = unpacked(stream, MAX_UNPACKED_BYTES - total)?;
        total += content.len() as u64;
        stream.dict.remove(b"Filter");
        stream.dict.remove(b"DecodeParms");
        stream.set_content(content);
    }
    Some(())
}

/// What a stream holds; empty for pictures and for what is packed in a way that text never is. None: too much.
fn unpacked(stream: &Stream, limit: u64) -> Option<Vec<u8>> {
    if name_of(&stream.dict, b"Subtype") == Some(b"Image") {
        return Some(Vec::new());
    }
    let filters = stream.filters().unwrap_or_default();
    // Predictors serve pictures and tables.
    let plain = stream.dict.get(b"DecodeParms").is_err();
    let content = match filters.as_slice() {
        [] => stream.content.clone(),
        [b"FlateDecode"] if plain => {
            // One byte more than allowed shows that there is more.
            if Unpacker::new().length(&stream.content, limit + 1) > limit {
                return None;
            }
            stream.decompressed_content().unwrap_or_default()
        }
        [b"ASCII85Decode"] => stream.decompressed_content().unwrap_or_default(),
        [b"LZWDecode"] if plain && stream.content.len() <= MAX_LZW_BYTES => {
            stream.decompressed_content().unwrap_or_default()
        }
        _ => Vec::new(),
    };
    (content.len() as u64 <= limit).then_some(content)
}

fn name_of<'a>(dictionary: &'a Dictionary, key: &[u8]) -> Option<&'a [u8]> {
    dictionary.get(key).and_then(Object::as_name).ok()
}

/// Takes from fonts the programs that a recursive parser would not survive. Such a font loses some letters.
fn tame_fonts(document: &mut Document) {
    let wild: Vec<ObjectId> = document
        .objects
        .iter()
        .filter(|(_, object)| object.as_stream().is_ok_and(|stream| !is_tame(&stream.content)))
        .map(|(id, _)| *id)
        .collect();
    let is_wild = |object: &Object| object.as_reference().is_ok_and(|id| wild.contains(&id));
    if wild.is_empty() {
        return;
    }
    for object in document.objects.values_mut() {
        if let Object::Dictionary(dictionary) = object {
            for key in [&b"ToUnicode"[..], b"Encoding", b"FontFile"] {
                if dictionary.get(key).is_ok_and(is_wild) {
                    dictionary.remove(key);
                }
            }
        }
    }
}

/// Whether a stream, read as PostScript, nests and counts within reason.
fn is_tame(content: &[u8]) -> bool {
    // What follows in a Type 1 font is encrypted.
    let end = content.windows(5).position(|word| word == b"eexec").unwrap_or(content.len());
    let mut depth = 0_usize;
    for byte in &content[..end] {
        match byte {
            b'[' | b'{' | b'(' | b'<' => depth += 1,
            b']' | b'}' | b')' | b'>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_POSTSCRIPT_DEPTH {
            return false;
        }
    }
    mapped_codes(&content[..end]) <= MAX_MAPPED_CODES
}

/// How many codes the `bfrange` sections of a character map span (Adobe Technical Note 5411): each is
/// `<low> <high> <target>`, where the target may be a list.
fn mapped_codes(content: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(content);
    let mut total = 0_u64;
    for section in text.split("beginbfrange").skip(1) {
        let section = section.split("endbfrange").next().unwrap_or_default();
        let mut codes = Vec::new();
        let mut in_list = false;
        for token in section.split_inclusive(['>', '[', ']']) {
            match token.as_bytes().last() {
                Some(b'[') => in_list = true,
                Some(b']') => {
                    in_list = false;
                    codes.push(0);
                }
                Some(b'>') if !in_list => {
                    let digits = token.rsplit('<').next().unwrap_or_default().trim_end_matches('>');
                    let digits: String = digits.split_whitespace().collect();
                    codes.push(u64::from_str_radix(&digits, 16).unwrap_or(u64::from(u32::MAX)));
                }
                _ => {}
            }
        }
        for range in codes.chunks_exact(3) {
            total = total.saturating_add(range[1].saturating_sub(range[0]) + 1);
        }
    }
    total
}

/// What drawing a form takes.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    /// Bytes of its own and of the forms that it draws.
    bytes: u64,
    /// How far forms nest in it, itself included.
    height: usize,
}

type Costs = HashMap<ObjectId, Cost>;

/// Reduces the content of form XObjects and empties those that draw themselves, nest too far or do not end.
fn reduce_forms(document: &mut Document) -> Costs {
    let forms: Vec<ObjectId> = document
        .objects
        .iter()
        .filter(|(_, object)| object.as_stream().is_ok_and(|stream| name_of(&stream.dict, b"Subtype") == Some(b"Form")))
        .map(|(id, _)| *id)
        .collect();
    let mut drawn: HashMap<ObjectId, Vec<ObjectId>> = HashMap::new();
    for &id in &forms {
        let Ok(stream) = document.get_object(id).and_then(Object::as_stream) else { continue };
        // Without resources of its own a form would draw from its caller's, which cannot be followed from here.
        let resources = sub_dictionary(document, &stream.dict, b"Resources");
        let (content, children) = reduced(document, &stream.content, resources);
        drawn.insert(id, children);
        if let Ok(stream) = document.get_object_mut(id).and_then(Object::as_stream_mut) {
            stream.set_content(content);
        }
    }
    let mut costs = Costs::new();
    for &id in &forms {
        if cost(document, &drawn, &mut costs, id, 0).is_none()
            && let Ok(stream) = document.get_object_mut(id).and_then(Object::as_stream_mut)
        {
            stream.set_content(Vec::new());
        }
    }
    costs
}

fn cost(
    document: &Document,
    drawn: &HashMap<ObjectId, Vec<ObjectId>>,
    costs: &mut Costs,
    id: ObjectId,
    depth: usize,
) -> Option<Cost> {
    if let Some(&known) = costs.get(&id) {
        return Some(known);
    }
    // A circle is too deep as well.
    if depth > MAX_DEPTH {
        return None;
    }
    let own = document.get_object(id).and_then(Object::as_stream).map_or(0, |stream| stream.content.len() as u64);
    let mut total = Cost { bytes: own, height: 1 };
    for &child in drawn.get(&id).into_iter().flatten() {
        let child = cost(document, drawn, costs, child, depth + 1)?;
        total.bytes += child.bytes;
        total.height = total.height.max(child.height + 1);
        if total.bytes > MAX_UNPACKED_BYTES || total.height > MAX_DEPTH {
            return None;
        }
    }
    costs.insert(id, total);
    Some(total)
}

/// Gives each page reduced content and resources of its own, so that nothing is looked up in the page tree again.
fn reduce_pages(document: &mut Document, forms: &Costs) -> Option<()> {
    let mut total = 0;
    let pages: Vec<ObjectId> = document.get_pages().into_values().collect();
    for id in pages {
        let mut content = Vec::new();
        for part in document.get_page_contents(id) {
            if let Ok(stream) = document.get_object(part).and_then(Object::as_stream) {
                content.extend_from_slice(&stream.content);
                content.push(b'\n');
            }
            if content.len() as u64 > MAX_UNPACKED_BYTES {
                return None;
            }
        }
        let resources = inherited_resources(document, id).unwrap_or_default();
        let (content, drawn) = reduced(document, &content, Some(&resources));
        total +=
            content.len() as u64 + drawn.iter().filter_map(|form| forms.get(form)).map(|cost| cost.bytes).sum::<u64>();
        if total > MAX_UNPACKED_BYTES {
            return None;
        }
        let content = document.add_object(Stream::new(Dictionary::new(), content));
        let Ok(page) = document.get_dictionary_mut(id) else { continue };
        page.set("Contents", content);
        page.set("Resources", resources);
        // Where the page's edges are does not matter to the order of its words.
        page.set("MediaBox", vec![0.into(), 0.into(), 612.into(), 792.into()]);
        page.remove(b"ArtBox");
        page.remove(b"Parent");
    }
    Some(())
}

fn inherited_resources(document: &Document, page: ObjectId) -> Option<Dictionary> {
    let mut node = document.get_dictionary(page).ok()?;
    for _ in 0..MAX_DEPTH {
        if let Some(resources) = sub_dictionary(document, node, b"Resources") {
            return Some(resources.clone());
        }
        node = sub_dictionary(document, node, b"Parent")?;
    }
    None
}

fn sub_dictionary<'a>(document: &'a Document, dictionary: &'a Dictionary, key: &[u8]) -> Option<&'a Dictionary> {
    let object = dictionary.get(key).ok()?;
    document.dereference(object).ok()?.1.as_dict().ok()
}

/// Content with only the operators that place text and draw forms, and the forms that it draws, once for each time.
fn reduced(document: &Document, content: &[u8], resources: Option<&Dictionary>) -> (Vec<u8>, Vec<ObjectId>) {
    let xobjects = resources.and_then(|resources| sub_dictionary(document, resources, b"XObject"));
    let fonts = resources.and_then(|resources| sub_dictionary(document, resources, b"Font"));
    let form = |operation: &Operation| {
        let name = operation.operands.first()?.as_name().ok()?;
        let id = xobjects?.get(name).and_then(Object::as_reference).ok()?;
        let stream = document.get_object(id).and_then(Object::as_stream).ok()?;
        (name_of(&stream.dict, b"Subtype") == Some(b"Form")).then_some(id)
    };
    let has_font = |operation: &Operation| {
        let name = operation.operands.first().and_then(|name| name.as_name().ok());
        name.zip(fonts).is_some_and(|(name, fonts)| sub_dictionary(document, fonts, name).is_some())
    };
    let Ok(content) = Content::decode(content) else { return (Vec::new(), Vec::new()) };
    let mut kept = Vec::new();
    let mut drawn = Vec::new();
    for operation in content.operations {
        let numbers = operation.operands.iter().filter(|operand| operand.as_float().is_ok()).count();
        let fits = |count| numbers == count && operation.operands.len() == count;
        match operation.operator.as_str() {
            "q" | "Q" | "BT" | "ET" | "T*" => kept.push(operation),
            "cm" | "Tm" if fits(6) => kept.push(operation),
            "Td" | "TD" if fits(2) => kept.push(operation),
            "Tc" | "Tw" | "Tz" | "TL" | "Ts" if fits(1) => kept.push(operation),
            "Tf" if numbers == 1 && operation.operands.len() == 2 && has_font(&operation) => kept.push(operation),
            "Tj" if matches!(operation.operands.as_slice(), [Object::String(..)]) => kept.push(operation),
            "TJ" if matches!(operation.operands.as_slice(), [Object::Array(_)]) => kept.push(operation),
            // Shorthands that the reader does not know: next line, then show.
            "'" | "\"" => {
                if let Some(words @ Object::String(..)) = operation.operands.into_iter().next_back() {
                    kept.push(Operation::new("T*", Vec::new()));
                    kept.push(Operation::new("Tj", vec![words]));
                }
            }
            "Do" => {
                if let Some(id) = form(&operation) {
                    drawn.push(id);
                    kept.push(operation);
                }
            }
            _ => {}
        }
    }
    (Content { operations: kept }.encode().unwrap_or_default(), drawn)
}

#[cfg(test)]
mod tests;
