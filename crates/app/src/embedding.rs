//! What texts mean: a vector for everything that is kept, made in the background, and for what is asked.
//!
//! Vectors can be made again from what they are made of, so nothing waits for them: what has none yet is found by its words.

use crate::error::WireError;
use crate::{App, task};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use twin_core::chat::Audience;
use twin_core::error::Code;
use twin_core::event::Event;
use twin_core::port::EmbedPurpose;
use twin_core::settings::EmbedderChoice;
use twin_embed::{Embedder, Vector, scan};
use twin_mind::recall;
use twin_store::{NewVector, Store, StoreError, Subject};

/// Texts that are done at once: some hundredths of a second, so that a question need not wait for long.
const TOGETHER: u32 = 16;

/// The window is told of progress after so many.
const TOLD: usize = 512;

/// After a failure it is tried again after this long, or when there is something new.
const AGAIN: Duration = Duration::from_mins(1);

/// What the first pass hands over to the second. Of the fifty nearest of a million, three in a hundred are not among them
/// (`docs/decisions/0018-embeddings.md`).
const LIKELY: usize = 1_000;
/// Of few, a share is enough: reading vectors takes longer than comparing their signs.
const LIKELY_SHARE: usize = 4;

/// Fewer are read by one thread in less time than another takes to begin.
const MANY: usize = 200;

/// After a search nothing is made searchable for so long: the next letter may be on its way.
const TYPING: Duration = Duration::from_secs(1);

/// What turns texts into vectors, and the vectors that are looked through.
#[derive(Default)]
pub(crate) struct Meanings {
    embedder: OnceLock<Embedder>,
    known: RwLock<Known>,
    /// Of the persona's paragraphs, by their text. They are few and are read again at every start.
    paragraphs: RwLock<Arc<HashMap<String, Vector>>>,
    /// Who spoke in what was asked for last.
    speakers: RwLock<Arc<BTreeSet<String>>>,
    /// Something may have no vector yet.
    pub(crate) new: Notify,
    /// When somebody last looked for something as they typed.
    looked: watch::Sender<Option<Instant>>,
}

/// The signs of all vectors of one model.
#[derive(Default)]
struct Known {
    model: String,
    numbers: Vec<i64>,
    /// One after the other.
    signs: Vec<u64>,
}

impl Known {
    /// Takes in what was added since the last time.
    fn follow(&mut self, store: &Store, model: &str) -> Result<(), StoreError> {
        if self.model != model {
            *self = Self { model: model.to_owned(), ..Self::default() };
        }
        let added = store.vector_bits(model, self.numbers.last().copied().unwrap_or(0))?;
        let words = added.bits.chunks_exact(size_of::<u64>());
        self.signs.extend(words.map(|word| word.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))));
        self.numbers.extend(added.numbers);
        Ok(())
    }
}

impl Meanings {
    /// What was forgotten is not looked through any more, nor what another process may have replaced, and no name is kept of it.
    pub(crate) fn look_again(&self) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Known::default();
        *self.speakers.write().unwrap_or_else(PoisonError::into_inner) = Arc::default();
    }

    /// The things of which the meaning is nearest to the question's, nearest first, with their cosines.
    pub(crate) fn nearest(
        &self,
        store: &Store,
        question: &Asked,
        many: usize,
    ) -> Result<Vec<(Subject, f32)>, StoreError> {
        self.known.write().unwrap_or_else(PoisonError::into_inner).follow(store, &question.model)?;
        let mut numbers: Vec<i64> = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            // Another thread may have turned to another model in between.
            let all = if known.model == question.model { known.signs.as_slice() } else { &[] };
            let likely = (known.numbers.len() / LIKELY_SHARE).clamp(2 * many, LIKELY.max(2 * many));
            scan::likely(&question.vector, all, likely).into_iter().map(|place| known.numbers[place]).collect()
        };
        // As they lie in the file.
        numbers.sort_unstable();
        let found = vectors(store, &numbers)?;
        let vectors: Vec<Option<Vector>> = found.iter().map(|(_, vector)| Vector::from_bytes(vector)).collect();
        let vectors = vectors.iter().enumerate().filter_map(|(place, vector)| Some((place, vector.as_ref()?)));
        let nearest = scan::nearest(&question.vector, vectors, many);
        let numbers: Vec<i64> = nearest.iter().map(|(place, _)| found[*place].0).collect();
        let subjects: HashMap<i64, Subject> = store.vector_subjects(&numbers)?.into_iter().collect();
        // What was forgotten since is passed over.
        let with_subject = |(place, cosine): &(usize, f32)| Some((*subjects.get(&found[*place].0)?, *cosine));
        Ok(nearest.iter().filter_map(with_subject).collect())
    }

    /// Somebody looks for something, as they type.
    pub(crate) fn looked(&self) {
        self.looked.send_replace(Some(Instant::now()));
    }

    /// Who spoke in what was asked for last; nobody before the first question.
    pub(crate) fn speakers(&self) -> Arc<BTreeSet<String>> {
        Arc::clone(&self.speakers.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn spoke(&self, speakers: &Arc<BTreeSet<String>>) {
        if *self.speakers() != **speakers {
            *self.speakers.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(speakers);
        }
    }

    /// Of the persona's paragraphs that have one.
    pub(crate) fn paragraphs(&self) -> Arc<HashMap<String, Vector>> {
        Arc::clone(&self.paragraphs.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A few at a time: what the model computes with grows with the texts that go through it together, and a persona may have
    /// a hundred thousand paragraphs.
    fn embedded(&self, texts: &[String]) -> Vec<Vector> {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let embedder = self.embedder.get_or_init(Embedder::embedded);
        texts.chunks(TOGETHER as usize).flat_map(|texts| embedder.embed(texts)).collect()
    }
}

/// Stored vectors by their numbers, of many one half while the other: they lie all over a large file.
fn vectors(store: &Store, numbers: &[i64]) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    if numbers.len() < MANY {
        return store.vector_get(numbers);
    }
    let (first, second) = numbers.split_at(numbers.len() / 2);
    std::thread::scope(|scope| {
        let second = scope.spawn(|| store.vector_get(second));
        let mut found = store.vector_get(first)?;
        found.extend(second.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        Ok(found)
    })
}

/// What is asked, as a vector.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Whose vectors it may be compared with.
    pub(crate) model: String,
    pub(crate) vector: Vector,
}

impl Asked {
    /// The cosine to a stored vector of the same model.
    pub(crate) fn cosine(&self, stored: &[u8]) -> Option<f32> {
        Vector::from_bytes(stored).map(|vector| self.vector.dot(&vector))
    }
}

/// Whether the model takes others, and not this one.
fn is_about_a_text(error: &WireError) -> bool {
    matches!(error.code, Code::ContentFiltered | Code::RequestRefused | Code::ContextTooLong)
}

/// What was looked through for things without a vector.
#[derive(Default)]
struct Sweep {
    model: String,
    /// Messages by number that may have none, looked through from the end, the last range first.
    left: Vec<Range<i64>>,
    /// The first message that is in none of the ranges and was not looked at.
    next: i64,
}

/// What a step of a sweep found.
struct Missing {
    subjects: Vec<(Subject, String)>,
    /// The sweep as it is once they have their vectors.
    after: Sweep,
}

impl Sweep {
    /// Memories first, which are few; then what was said last.
    fn look(&self, store: &Store, model: &str) -> Result<Missing, StoreError> {
        let mut after = if self.model == model {
            Self { model: model.to_owned(), left: self.left.clone(), next: self.next }
        } else {
            Self { model: model.to_owned(), ..Self::default() }
        };
        let end = store.vector_last()? + 1;
        if end > after.next {
            after.left.push(after.next..end);
            after.next = end;
        }
        let memories = store.vector_missing_memories(model, TOGETHER)?;
        let mut subjects: Vec<(Subject, String)> =
            memories.into_iter().map(|(id, text)| (Subject::Memory(id), text)).collect();
        while subjects.is_empty() {
            let Some(range) = after.left.pop() else { break };
            let missing = store.vector_missing(model, range.clone(), TOGETHER)?;
            if let Some((lowest, _, _)) = missing.last() {
                after.left.push(range.start..*lowest);
            }
            subjects.extend(missing.into_iter().map(|(_, id, text)| (Subject::Message(id), text)));
        }
        Ok(Missing { subjects, after })
    }
}

impl App {
    /// Whose vectors are looked through.
    pub(crate) fn embedder_searched(&self) -> Result<EmbedderChoice, StoreError> {
        // Until a service has done everything the program's own vectors are there, and serve. The other way round is not
        // possible: a service that was given up is asked no more.
        let own = EmbedderChoice::Embedded;
        let is_own = self.inner.store.vector_models()?.contains(&own.to_string());
        Ok(if is_own { own } else { self.settings().embedder })
    }

    /// The question as a vector of that model; none if there is none just now, and then words must do.
    pub(crate) async fn embed_question(&self, choice: &EmbedderChoice, text: &str) -> Option<Asked> {
        if text.trim().is_empty() {
            return None;
        }
        match self.embed(choice, vec![text.to_owned()], EmbedPurpose::Question).await {
            Ok(mut vectors) => vectors.pop().map(|vector| Asked { model: choice.to_string(), vector }),
            Err(error) => {
                tracing::warn!(id = %error.id, "a question is looked for by its words alone");
                None
            }
        }
    }

    /// One vector for each text.
    async fn embed(
        &self,
        choice: &EmbedderChoice,
        texts: Vec<String>,
        purpose: EmbedPurpose,
    ) -> Result<Vec<Vector>, WireError> {
        if *choice == EmbedderChoice::Embedded {
            let app = self.clone();
            let work = move || app.inner.meanings.embedded(&texts);
            return match purpose {
                EmbedPurpose::Question => task::blocking(work).await,
                EmbedPurpose::Stored => task::background(work).await,
            };
        }
        let service = self.embedder_open(choice.clone()).await?;
        let vectors = service.embed(texts, purpose).await?;
        Ok(vectors.iter().map(|vector| Vector::from_floats(vector)).collect())
    }

    /// Makes everything searchable by what it means, for as long as it is polled: what has no vector at the start, then
    /// whatever is new.
    pub(crate) async fn make_searchable(&self) {
        let mut settings = self.inner.settings.subscribe();
        let mut sweep = Sweep::default();
        loop {
            let mut done = self.sweep(&mut sweep, |_| {}).await;
            if done.is_ok() {
                done = self.embed_persona().await.map(|()| 0);
            }
            if let Err(error) = &done {
                tracing::warn!(id = %error.id, "some of what is kept is found by its words alone");
            }
            tokio::select! {
                () = self.inner.meanings.new.notified() => {}
                _ = settings.changed() => {}
                () = tokio::time::sleep(AGAIN), if done.is_err() => {}
            }
        }
    }

    /// Gives a vector to all that was said or is remembered and has none. `progress` is told how many were done so far.
    pub async fn memory_index(&self, progress: impl FnMut(usize)) -> Result<usize, WireError> {
        self.sweep(&mut Sweep::default(), progress).await
    }

    /// One look at all that may be missing. What was done is told now and then.
    async fn sweep(&self, sweep: &mut Sweep, mut progress: impl FnMut(usize)) -> Result<usize, WireError> {
        let (mut done, mut told) = (0, 0);
        loop {
            self.nobody_waits().await;
            let settings = self.settings();
            let choice = settings.embedder;
            if choice != EmbedderChoice::Embedded && settings.background_paused {
                return Ok(done);
            }
            let model = choice.to_string();
            let (store, from) = (self.inner.store.clone(), std::mem::take(sweep));
            let (from, missing) = task::store(move || {
                let missing = from.look(&store, &model)?;
                Ok((from, missing))
            })
            .await?;
            if missing.subjects.is_empty() {
                *sweep = missing.after;
                self.keep_only(&choice).await?;
                if done > told {
                    self.tell(Event::MemoryChanged);
                }
                return Ok(done);
            }
            let count = missing.subjects.len();
            let stored = self.embed_all(&choice, missing.subjects).await;
            // What failed is looked for again.
            *sweep = if stored.is_ok() { missing.after } else { from };
            stored?;
            done += count;
            progress(done);
            if done - told >= TOLD {
                told = done;
                self.tell(Event::MemoryChanged);
            }
        }
    }

    /// Until then the processors are theirs: who is answered, perhaps by a model on this machine, or looks for something as
    /// they type.
    async fn nobody_waits(&self) {
        loop {
            self.all_replied().await;
            let looked = *self.inner.meanings.looked.borrow();
            let Some(until) = looked.map(|at| at + TYPING).filter(|until| *until > Instant::now()) else { return };
            tokio::time::sleep_until(until).await;
        }
    }

    async fn embed_all(&self, choice: &EmbedderChoice, mut subjects: Vec<(Subject, String)>) -> Result<(), WireError> {
        let texts = |subjects: &[(Subject, String)]| subjects.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>();
        let vectors = match self.embed(choice, texts(&subjects), EmbedPurpose::Stored).await {
            Err(error) if is_about_a_text(&error) => {
                // One of them must not keep the others from being found.
                let mut vectors = Vec::new();
                let mut embedded = Vec::new();
                for (subject, text) in subjects {
                    match self.embed(choice, vec![text.clone()], EmbedPurpose::Stored).await {
                        Ok(vector) => {
                            vectors.extend(vector);
                            embedded.push((subject, text));
                        }
                        Err(error) if is_about_a_text(&error) => {
                            tracing::warn!(id = %error.id, "a text is found by its words alone: the model refuses it");
                        }
                        Err(error) => return Err(error),
                    }
                }
                subjects = embedded;
                vectors
            }
            vectors => vectors?,
        };
        let vectors = subjects.into_iter().zip(vectors).map(|((subject, _), vector)| NewVector {
            subject,
            bits: scan::signs(&vector).iter().flat_map(|word| word.to_le_bytes()).collect(),
            vector: vector.to_bytes(),
        });
        let (store, model, vectors) = (self.inner.store.clone(), choice.to_string(), vectors.collect());
        task::store(move || store.vector_put(&model, vectors)).await
    }

    /// Once all is searchable by the model in use, the others' vectors are of no use.
    async fn keep_only(&self, choice: &EmbedderChoice) -> Result<(), WireError> {
        let (store, model) = (self.inner.store.clone(), choice.to_string());
        task::store(move || {
            let others = store.vector_models()?.iter().any(|other| *other != model);
            if others { store.vector_keep_only(&model) } else { Ok(()) }
        })
        .await
    }

    /// The persona's paragraphs, those that are new. They stay on the device: a service is not sent them.
    async fn embed_persona(&self) -> Result<(), WireError> {
        let (app, persona) = (self.clone(), self.persona());
        task::store(move || {
            let known = app.inner.meanings.paragraphs();
            let texts = recall::paragraphs(&persona, Audience::Owner).into_iter().map(|paragraph| paragraph.text);
            let texts: BTreeSet<String> = texts.collect();
            if texts.len() == known.len() && texts.iter().all(|text| known.contains_key(text)) {
                return Ok(());
            }
            let kept = app.inner.store.paragraph_vectors(&texts)?;
            let (mut all, mut new) = (HashMap::new(), Vec::new());
            for text in texts {
                let stored = || kept.vectors.get(&text).and_then(|vector| Vector::from_bytes(vector));
                match known.get(&text).cloned().or_else(stored) {
                    Some(vector) => drop(all.insert(text, vector)),
                    None => new.push(text),
                }
            }
            let vectors = app.inner.meanings.embedded(&new);
            let is_kept = new.is_empty() && kept.is_all && kept.vectors.len() == all.len();
            all.extend(new.into_iter().zip(vectors));
            let stored = if is_kept {
                Ok(())
            } else {
                let vectors = all.iter().map(|(text, vector)| (text.clone(), vector.to_bytes()));
                app.inner.store.paragraph_vectors_set(vectors.collect())
            };
            *app.inner.meanings.paragraphs.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(all);
            stored
        })
        .await
    }
}
