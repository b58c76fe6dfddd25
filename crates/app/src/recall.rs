//! What is known that fits a question: from every conversation, the memories and the persona, by words and by meaning.

use crate::embedding::Asked;
use crate::error::WireError;
use crate::{App, task};
use jiff::tz::TimeZone;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::pin::pin;
use std::sync::Arc;
use twin_core::chat::{Audience, Role};
use twin_core::id::{MemoryId, MessageId, SessionId};
use twin_core::memory::{Memory, Teller};
use twin_core::report::{Passage, Signal, SignalKind, Source};
use twin_core::settings::EmbedderChoice;
use twin_core::time::Timestamp;
use twin_mind::persona::Persona;
use twin_mind::recall::turn::{self, Counts, Question, Turn, Why};
use twin_mind::recall::{self, Paragraph, Said, fusion, query_terms};
use twin_store::{Hearing, Store, StoreError, StoredTurn, Subject, TurnCounts};

/// Messages that the index of words hands over, and those that the vectors do; the ones around them come along.
const BY_WORDS: usize = 120;
const BY_MEANING: usize = 120;

/// Messages whose speakers are looked at, to know which names in the question are speakers'.
const SPEAKERS: usize = 50;

/// Memories that the index of words hands over.
const MEMORIES: usize = 50;

/// What the owner pinned takes at most so many characters of a prompt, about 300 tokens.
const PINNED_CHARS: usize = 1_200;

/// A turn that fits a question.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnHit {
    /// The message.
    pub message_id: MessageId,
    /// What speaks for it.
    pub why: Why,
}

/// What to recall, and who hears it.
#[derive(Debug, Clone)]
pub(crate) struct Wanted<'a> {
    pub(crate) query: &'a str,
    pub(crate) hearing: Hearing,
    /// What was just said, and is no answer to itself.
    pub(crate) said: Option<&'a str>,
    /// Whether words alone decide, as where the passages are the answer: only what has the question's words may be quoted.
    pub(crate) quoted: bool,
    pub(crate) limit: usize,
}

/// A question, and what can be known of it before anything is compared.
struct Understood {
    /// Without the names of those who speak.
    question: Question,
    /// Whose vectors its own is compared with.
    embedder: EmbedderChoice,
    /// What is looked for in the index of words, how common each is, and the messages that have them.
    terms: Vec<String>,
    counts: TurnCounts,
    worded: Vec<i64>,
}

/// What is near to a text in meaning.
struct Meant {
    /// The text as a vector; none where nobody made one.
    asked: Option<Asked>,
    near: Vec<(Subject, f32)>,
    /// The messages among those, and the ones around them.
    turns: Vec<StoredTurn>,
}

/// What may fit, fetched from the stores.
struct Candidates {
    /// What the question means, where it says anything.
    asked: Option<Asked>,
    turns: Vec<StoredTurn>,
    memories: Vec<(Memory, Option<f32>)>,
    /// Numbers of the messages that have the question's words.
    worded: HashSet<i64>,
    counts: Counts,
}

/// One candidate: what is compared, and what is quoted.
struct Candidate<'a> {
    text: &'a str,
    source: Source,
    speaker: String,
    group: u32,
    place: u32,
    importance: Option<u8>,
    similarity: Option<f32>,
}

impl App {
    /// The messages of all sessions that are kept which fit `question` best, best first, at most `limit`. For the owner.
    pub async fn recall_turns(&self, question: &str, limit: usize) -> Result<Vec<TurnHit>, WireError> {
        let (app, persona) = (self.clone(), self.persona());
        let (understood, found) = self.candidates(question, Hearing::default(), None).await?;
        task::blocking(move || {
            let candidates = found.listed(&[], &persona);
            let hits = ranked(&understood.question, &candidates, &found.counts, &app.inner.zone, usize::MAX);
            let messages = hits.into_iter().filter_map(|hit| match candidates[hit.turn].source {
                Source::Message { message_id, .. } => Some(TurnHit { message_id, why: hit.why }),
                Source::File { .. } | Source::Memory { .. } => None,
            });
            messages.take(limit).collect()
        })
        .await
    }

    /// What is known about something, best first.
    pub(crate) async fn recall_passages(&self, wanted: Wanted<'_>) -> Result<Vec<Passage>, WireError> {
        let (app, persona) = (self.clone(), self.persona());
        let (query, said, Wanted { hearing, quoted, limit, .. }) =
            (wanted.query.to_owned(), wanted.said.map(str::to_owned), wanted);
        let temporary = hearing.session.and_then(|session| self.temporary_store(session));
        let (understood, mut found) = self.candidates(&query, hearing, temporary).await?;
        task::blocking(move || {
            let question = &understood.question;
            // The question itself was committed a moment ago.
            found.turns.retain(|turn| Some(turn.content.as_str()) != said.as_deref());
            let sentences = recall::rank(&query, &persona, hearing.audience, &found.said(), limit);
            if quoted && !sentences.is_empty() {
                return sentences;
            }
            let paragraphs = recall::paragraphs(&persona, hearing.audience);
            let candidates = found.listed(&paragraphs, &persona);
            let candidates = app.with_paragraph_vectors(candidates, found.asked.as_ref());
            let hits = ranked(question, &candidates, &found.counts, &app.inner.zone, limit);
            let passages = hits.iter().filter_map(|hit| {
                let candidate = &candidates[hit.turn];
                let means_it = !quoted || hit.why.meaning.value >= fusion::SURELY_MEANS;
                let passage = || fusion::passage(question, candidate.text, candidate.source.clone(), &hit.why);
                means_it.then(passage).flatten()
            });
            fusion::fuse(sentences, passages.collect(), limit)
        })
        .await
    }

    /// What the owner wants always at hand, as far as it may be heard, at most what a prompt has room for.
    pub(crate) async fn recall_pinned(&self, hearing: Hearing) -> Result<Vec<Passage>, WireError> {
        let store = self.inner.store.clone();
        let pinned = task::store(move || store.memory_pinned(&hearing)).await?;
        let mut room = PINNED_CHARS;
        let fits = pinned.into_iter().take_while(|memory| {
            let characters = memory.text.chars().count();
            let fits = characters <= room;
            room = room.saturating_sub(characters);
            fits
        });
        let passage = |memory: Memory| Passage {
            source: source_of(&memory),
            text: memory.text,
            score: 1.0,
            signals: vec![Signal { kind: SignalKind::Importance, rank: 1 }],
        };
        Ok(fits.map(passage).collect())
    }

    /// Who speaks is seen in what has the question's words.
    fn understand(&self, query: &str, hearing: &Hearing) -> Result<Understood, StoreError> {
        let (store, persona) = (&self.inner.store, self.persona());
        let mut terms = query_terms(query);
        let counts = store.turn_counts(&terms)?;
        let mut worded = store.turn_words(&terms, &counts, hearing, BY_WORDS)?;
        let first = &worded[..worded.len().min(SPEAKERS)];
        let mut speakers: BTreeSet<String> = store.turn_speakers(first)?.into_iter().collect();
        speakers.insert(persona.full_name().to_owned());
        let speakers = Arc::new(speakers);
        let names: Vec<&str> = speakers.iter().map(String::as_str).collect();
        let question = Question::new(query, &names, asker(&persona, hearing.audience));
        self.inner.meanings.spoke(&speakers);
        let unnamed = question.words();
        if unnamed != terms {
            worded = store.turn_words(&unnamed, &counts, hearing, BY_WORDS)?;
            terms = unnamed;
        }
        Ok(Understood { question, embedder: self.embedder_searched()?, terms, counts, worded })
    }

    /// The question, and everything that may fit and may be heard. What it means is looked for while its words are, which takes as
    /// long: by what it will probably be without the names of those who speak, and again if it is not.
    async fn candidates(
        &self,
        query: &str,
        hearing: Hearing,
        temporary: Option<Store>,
    ) -> Result<(Arc<Understood>, Candidates), WireError> {
        let (app, asked) = (self.clone(), query.to_owned());
        let mut understanding = pin!(task::store(move || app.understand(&asked, &hearing)));
        let guess = self.guess(query, hearing.audience);
        let mut guessed = pin!(self.guessed(guess.clone(), hearing));
        let mut early = None;
        let understood = tokio::select! {
            biased;
            understood = &mut understanding => understood?,
            meant = &mut guessed => {
                early = Some(meant);
                understanding.await?
            }
        };
        let understood = Arc::new(understood);
        let (store, known) = (self.inner.store.clone(), Arc::clone(&understood));
        let worded = task::store(move || store.turns_around(&known.worded, &[], &hearing, &known.embedder.to_string()));
        let meant = async {
            let text = understood.question.text();
            let is_right = guess == text && understood.embedder == EmbedderChoice::Embedded;
            let guessed = match early {
                _ if !is_right => None,
                Some(meant) => meant?,
                None => guessed.await?,
            };
            match guessed {
                Some(meant) => Ok(meant),
                None => self.meant(understood.embedder.clone(), text.to_owned(), hearing).await,
            }
        };
        let (worded, meant) = tokio::join!(worded, meant);
        let (turns, meant) = (worded?, meant?);
        let (app, known) = (self.clone(), Arc::clone(&understood));
        let fetch = move || app.fetch(&known, turns, meant, &hearing, temporary.as_ref());
        Ok((understood, task::store(fetch).await?))
    }

    /// The question without the names of those who spoke in what was asked for last: mostly they are the same.
    fn guess(&self, query: &str, audience: Audience) -> String {
        let speakers = self.inner.meanings.speakers();
        let speakers: Vec<&str> = speakers.iter().map(String::as_str).collect();
        let persona = self.persona();
        Question::new(query, &speakers, asker(&persona, audience)).text().to_owned()
    }

    /// What the question means if it is guessed right. None where a guess would be sent to a service.
    async fn guessed(&self, text: String, hearing: Hearing) -> Result<Option<Meant>, WireError> {
        let app = self.clone();
        if task::store(move || app.embedder_searched()).await? != EmbedderChoice::Embedded {
            return Ok(None);
        }
        self.meant(EmbedderChoice::Embedded, text, hearing).await.map(Some)
    }

    /// What is near to the text in meaning, with what stands around it.
    async fn meant(&self, embedder: EmbedderChoice, text: String, hearing: Hearing) -> Result<Meant, WireError> {
        let Some(asked) = self.embed_question(&embedder, &text).await else {
            return Ok(Meant { asked: None, near: Vec::new(), turns: Vec::new() });
        };
        let app = self.clone();
        task::store(move || {
            let near = app.inner.meanings.nearest(&app.inner.store, &asked, BY_MEANING)?;
            let messages: Vec<MessageId> = near.iter().filter_map(|(subject, _)| message_of(*subject)).collect();
            let turns = app.inner.store.turns_around(&[], &messages, &hearing, &embedder.to_string())?;
            Ok(Meant { asked: Some(asked), near, turns })
        })
        .await
    }

    /// `turns` are those with the question's words. What was said in a temporary session is recalled in that one only.
    fn fetch(
        &self,
        Understood { terms, counts, worded, .. }: &Understood,
        mut turns: Vec<StoredTurn>,
        meant: Meant,
        hearing: &Hearing,
        temporary: Option<&Store>,
    ) -> Result<Candidates, StoreError> {
        let store = &self.inner.store;
        let Meant { asked, near, turns: near_turns } = meant;
        turns.extend(near_turns);
        turns.sort_unstable_by_key(|turn| turn.number);
        turns.dedup_by_key(|turn| turn.number);
        let mut worded: HashSet<i64> = worded.iter().copied().collect();
        if let Some(temporary) = temporary {
            // Its numbers begin at one as well.
            let found = temporary.turn_words(terms, &temporary.turn_counts(terms)?, hearing, BY_WORDS)?;
            for mut turn in temporary.turns_around(&found, &[], hearing, "")? {
                let is_worded = found.contains(&turn.number);
                turn.number = -turn.number;
                worded.extend(is_worded.then_some(turn.number));
                turns.push(turn);
            }
        }
        let counts = Counts { turns: counts.messages, with: counts.with.clone() };
        let memories = memories(store, terms, &near, asked.as_ref(), hearing)?;
        Ok(Candidates { asked, turns, memories, worded, counts })
    }

    fn with_paragraph_vectors<'a>(
        &self,
        mut candidates: Vec<Candidate<'a>>,
        asked: Option<&Asked>,
    ) -> Vec<Candidate<'a>> {
        let vectors = self.inner.meanings.paragraphs();
        let Some(asked) = asked.filter(|asked| asked.model == EmbedderChoice::Embedded.to_string()) else {
            return candidates;
        };
        for candidate in &mut candidates {
            if let (Source::File { .. }, Some(vector)) = (&candidate.source, vectors.get(candidate.text)) {
                candidate.similarity = Some(asked.vector.dot(vector));
            }
        }
        candidates
    }
}

impl Candidates {
    /// What has the question's words, to be looked through sentence by sentence.
    fn said(&self) -> Vec<Said> {
        let turns = self.turns.iter().filter(|turn| self.worded.contains(&turn.number));
        let turns = turns.map(|turn| Said { text: turn.content.clone(), source: source_of_turn(turn) });
        let memories =
            self.memories.iter().map(|(memory, _)| Said { text: memory.text.clone(), source: source_of(memory) });
        turns.chain(memories).collect()
    }

    /// All of it as it is ranked: each conversation and each file by itself, each memory alone.
    fn listed<'a>(&'a self, paragraphs: &'a [Paragraph], persona: &Persona) -> Vec<Candidate<'a>> {
        let (owner, asked) = (persona.full_name(), self.asked.as_ref());
        let mut groups = Groups::default();
        let mut listed = Vec::with_capacity(self.turns.len() + self.memories.len() + paragraphs.len());
        let mut places: HashMap<MessageId, u32> = HashMap::new();
        for turn in &self.turns {
            let before = turn.parent_id.and_then(|parent| places.get(&parent).copied());
            let (group, place) = groups.next(GroupOf::Session(turn.session_id), before);
            places.insert(turn.id, place);
            listed.push(Candidate {
                text: &turn.content,
                source: source_of_turn(turn),
                speaker: speaker(turn, owner),
                group,
                place,
                importance: None,
                similarity: asked.zip(turn.vector.as_deref()).and_then(|(asked, vector)| asked.cosine(vector)),
            });
        }
        for (memory, similarity) in &self.memories {
            let (group, place) = groups.next(GroupOf::Memory(memory.id), None);
            listed.push(Candidate {
                text: &memory.text,
                source: source_of(memory),
                speaker: if memory.teller == Teller::Owner { owner.to_owned() } else { String::new() },
                group,
                place,
                importance: Some(memory.importance),
                similarity: *similarity,
            });
        }
        let mut last: Option<(&str, u32)> = None;
        for paragraph in paragraphs {
            let Source::File { path, .. } = &paragraph.source else { continue };
            let before = last.filter(|(file, _)| file == path).map(|(_, place)| place);
            let (group, place) = groups.next(GroupOf::File(path), before);
            last = Some((path, place));
            listed.push(Candidate {
                text: &paragraph.text,
                source: paragraph.source.clone(),
                speaker: owner.to_owned(),
                group,
                place,
                importance: None,
                similarity: None,
            });
        }
        listed
    }
}

/// What turns stand together in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum GroupOf<'a> {
    Session(SessionId),
    Memory(MemoryId),
    File(&'a str),
}

/// Numbers for groups, and places in them.
#[derive(Default)]
struct Groups<'a> {
    numbers: HashMap<GroupOf<'a>, (u32, u32)>,
}

impl<'a> Groups<'a> {
    /// The group's number, and the place after `before`: far from all others there if nothing is known to be before it.
    fn next(&mut self, group: GroupOf<'a>, before: Option<u32>) -> (u32, u32) {
        let new = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        let (number, free) = self.numbers.entry(group).or_insert((new, 0));
        let place = before.map_or(*free, |before| before + 1);
        *free = (*free).max(place + 2);
        (*number, place)
    }
}

fn ranked(
    question: &Question,
    candidates: &[Candidate<'_>],
    counts: &Counts,
    zone: &TimeZone,
    limit: usize,
) -> Vec<turn::Hit> {
    let turns: Vec<Turn<'_>> = candidates
        .iter()
        .map(|candidate| Turn {
            text: candidate.text,
            speaker: &candidate.speaker,
            day: said_at(&candidate.source).map(|at| at.to_jiff().to_zoned(zone.clone()).date()),
            group: candidate.group,
            place: candidate.place,
            importance: candidate.importance,
            similarity: candidate.similarity,
        })
        .collect();
    turn::rank(question, &turns, Some(counts), limit)
}

/// Memories with the question's words, and those near to it in meaning, each with its cosine.
fn memories(
    store: &Store,
    terms: &[String],
    near: &[(Subject, f32)],
    asked: Option<&Asked>,
    hearing: &Hearing,
) -> Result<Vec<(Memory, Option<f32>)>, StoreError> {
    let mut memories: Vec<Memory> =
        store.memory_search(terms, hearing, MEMORIES)?.into_iter().map(|hit| hit.memory).collect();
    let ids: Vec<MemoryId> = near
        .iter()
        .filter_map(|(subject, _)| match subject {
            Subject::Memory(id) => Some(*id).filter(|id| memories.iter().all(|memory| memory.id != *id)),
            Subject::Message(_) => None,
        })
        .collect();
    memories.extend(store.memory_heard(&ids, hearing)?);
    let Some(asked) = asked else { return Ok(memories.into_iter().map(|memory| (memory, None)).collect()) };
    let ids: Vec<MemoryId> = memories.iter().map(|memory| memory.id).collect();
    let vectors: HashMap<MemoryId, Vec<u8>> = store.vector_of(&asked.model, &ids)?.into_iter().collect();
    let with_cosine = |memory: Memory| {
        let cosine = vectors.get(&memory.id).and_then(|vector| asked.cosine(vector));
        (memory, cosine)
    };
    Ok(memories.into_iter().map(with_cosine).collect())
}

/// Who says "I" in a question, where that is the owner.
fn asker(persona: &Persona, audience: Audience) -> Option<&str> {
    (audience == Audience::Owner).then(|| persona.full_name())
}

fn message_of(subject: Subject) -> Option<MessageId> {
    match subject {
        Subject::Message(id) => Some(id),
        Subject::Memory(_) => None,
    }
}

/// What the twin says names nobody: it has the owner's name.
fn speaker(turn: &StoredTurn, owner: &str) -> String {
    match (turn.imported.as_ref().and_then(|imported| imported.speaker.clone()), turn.role) {
        (Some(speaker), _) => speaker,
        (None, Role::User) if turn.session_audience == Audience::Owner => owner.to_owned(),
        (None, Role::User | Role::Assistant) => String::new(),
    }
}

fn source_of_turn(turn: &StoredTurn) -> Source {
    Source::Message {
        session_id: turn.session_id,
        message_id: turn.id,
        session_title: turn.session_title.clone(),
        role: turn.role,
        audience: turn.session_audience,
        at: turn.created_at,
    }
}

fn source_of(memory: &Memory) -> Source {
    Source::Memory {
        id: memory.id,
        memory: memory.kind,
        teller: memory.teller,
        audience: memory.audience,
        at: memory.learned_at,
    }
}

fn said_at(source: &Source) -> Option<Timestamp> {
    match source {
        Source::Message { at, .. } | Source::Memory { at, .. } => Some(*at),
        Source::File { .. } => None,
    }
}
