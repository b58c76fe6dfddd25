//! What is the same for every service that turns texts into vectors: how texts are cut and put together, how long a busy
//! service is waited for, and when its answer can be used.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use std::future::Future;
use std::time::Duration;
use tokio::time::sleep;
use twin_core::error::{Code, Failure};
use twin_core::port::EmbedPurpose;

/// Requests that are under way at the same time.
const TOGETHER: usize = 4;
/// A text that is still too long when it has been cut to this many characters is not what the service complains of.
const SHORTEST: usize = 100;
/// A service that wants a longer pause is not waited for here: whoever asks knows what else there is to do.
const LONGEST_PAUSE: u32 = 60;
/// Pauses in seconds where the service names none: quotas are counted by the minute.
const PAUSES: [u32; 4] = [2, 4, 8, 16];

/// How much is asked for in one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Texts.
    pub(crate) texts: usize,
    /// Characters of all of them.
    pub(crate) chars: usize,
    /// Characters of one, the rest of which is not sent.
    pub(crate) text_chars: usize,
}

/// The vectors of all texts, in order, from as many calls of `send` as it takes. The first is made alone: what it teaches
/// (other credentials, another id to call) the others know.
pub(crate) async fn ask<Sent>(
    texts: &[String],
    size: Size,
    purpose: EmbedPurpose,
    model: &str,
    send: impl Fn(Vec<String>) -> Sent,
) -> Result<Vec<Vec<f32>>, Failure>
where
    Sent: Future<Output = Result<Vec<Vec<f32>>, Failure>>,
{
    let mut batches = batches(texts, size).into_iter();
    let Some(first) = batches.next() else { return Ok(Vec::new()) };
    let mut vectors =
        ask_patiently(first, size.text_chars, purpose, &send).await.map_err(|failure| say(failure, model))?;
    // Nothing runs yet. In a list, because the compiler cannot follow a closure over borrowed texts across an await.
    let rest: Vec<_> = batches.map(|batch| ask_patiently(batch, size.text_chars, purpose, &send)).collect();
    let rest: Vec<_> =
        stream::iter(rest).buffered(TOGETHER).try_collect().await.map_err(|failure| say(failure, model))?;
    vectors.extend(rest.into_iter().flatten());
    Ok(vectors)
}

fn batches(texts: &[String], size: Size) -> Vec<&[String]> {
    let (mut batches, mut first, mut chars) = (Vec::new(), 0, 0);
    for (place, text) in texts.iter().enumerate() {
        // Bytes are counted where characters would do, and cost less.
        let own = text.len().min(size.text_chars);
        if place > first && (place - first == size.texts || chars + own > size.chars) {
            batches.push(&texts[first..place]);
            (first, chars) = (place, 0);
        }
        chars += own;
    }
    if first < texts.len() {
        batches.push(&texts[first..]);
    }
    batches
}

/// Waits out what passes, and shortens what is too long: how many characters a model reads depends on the script.
async fn ask_patiently<Sent>(
    texts: &[String],
    text_chars: usize,
    purpose: EmbedPurpose,
    send: &impl Fn(Vec<String>) -> Sent,
) -> Result<Vec<Vec<f32>>, Failure>
where
    Sent: Future<Output = Result<Vec<Vec<f32>>, Failure>>,
{
    let (mut limit, mut tries) = (text_chars, 0);
    loop {
        let cut: Vec<String> = texts.iter().map(|text| cut(text, limit).to_owned()).collect();
        let longest = cut.iter().map(|text| text.chars().count()).max().unwrap_or_default();
        match send(cut).await {
            Err(failure) if failure.code == Code::ContextTooLong && longest > SHORTEST => limit = longest / 2,
            Err(failure) => match pause(purpose, tries, &failure) {
                Some(pause) => {
                    tries += 1;
                    sleep(pause).await;
                }
                None => return Err(failure),
            },
            vectors => return vectors,
        }
    }
}

/// The beginning of a text. Services refuse an empty one, and with it all that come beside it.
fn cut(text: &str, chars: usize) -> &str {
    if text.trim().is_empty() {
        return "…";
    }
    text.char_indices().nth(chars).map_or(text, |(end, _)| &text[..end])
}

/// How long to wait before the same is asked again.
fn pause(purpose: EmbedPurpose, tries: usize, failure: &Failure) -> Option<Duration> {
    let passes = matches!(failure.code, Code::Throttled | Code::ModelLoading | Code::ProviderFailed);
    let ours = PAUSES.get(tries).filter(|_| passes && failure.retryable && purpose == EmbedPurpose::Stored)?;
    let pause = failure.retry_after.unwrap_or(*ours);
    (pause <= LONGEST_PAUSE).then(|| Duration::from_secs(pause.into()))
}

/// Failures are worded for conversations; these say what is true of texts.
fn say(failure: Failure, model: &str) -> Failure {
    match failure.code {
        Code::ContextTooLong => Failure::permanent(
            Code::ContextTooLong,
            format!("{model} finds even the beginning of a text too long"),
            "Choose a model for embeddings that reads longer texts.",
        ),
        Code::TimedOut => Failure { hint: "Try again.".to_owned(), ..failure },
        _ => failure,
    }
}

/// Whether an answer is what was asked for: a vector for each text, all of one length, every number finite.
pub(crate) fn are_whole(vectors: &[Vec<f32>], texts: usize) -> bool {
    let length = vectors.first().map_or(0, Vec::len);
    let is_whole = |vector: &Vec<f32>| vector.len() == length && vector.iter().all(|number| number.is_finite());
    vectors.len() == texts && length > 0 && vectors.iter().all(is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { texts: 3, chars: 10, text_chars: 6 };

    fn throttled(seconds: Option<u32>) -> Failure {
        Failure::passing(Code::Throttled, "no", "Wait.").after(seconds)
    }

    #[test]
    fn texts_go_together_until_they_are_too_many_or_too_long() {
        let texts = ["a", "b", "c", "d", "long text", "long text", ""].map(str::to_owned);
        let batches: Vec<usize> = batches(&texts, SIZE).into_iter().map(<[String]>::len).collect();
        assert_eq!(batches, [3, 2, 2]);
        assert!(super::batches(&[], SIZE).is_empty());
    }

    #[test]
    fn a_text_is_cut_between_characters_and_never_empty() {
        assert_eq!([cut("Grüße", 3), cut("Grüße", 5), cut("Grüße", 9), cut(" \n", 9)], ["Grü", "Grüße", "Grüße", "…"]);
    }

    #[test]
    fn only_what_passes_is_waited_for_and_not_for_ever() {
        let seconds =
            |tries, failure: &Failure| pause(EmbedPurpose::Stored, tries, failure).map(|pause| pause.as_secs());
        assert_eq!(
            [0, 1, 2, 3, 4].map(|tries| seconds(tries, &throttled(None))),
            [Some(2), Some(4), Some(8), Some(16), None]
        );
        assert_eq!(seconds(0, &throttled(Some(30))), Some(30));
        assert_eq!(seconds(0, &throttled(Some(61))), None);
        assert_eq!(seconds(0, &Failure::passing(Code::Unreachable, "no", "Look.")), None);
        assert_eq!(seconds(0, &Failure::permanent(Code::ProviderFailed, "no", "Look.")), None);
        // Somebody waits.
        assert_eq!(pause(EmbedPurpose::Question, 0, &throttled(Some(1))), None);
    }

    #[test]
    fn an_answer_is_whole_or_of_no_use() {
        assert!(are_whole(&[vec![1.0, 0.5], vec![0.0, 0.0]], 2));
        assert!(!are_whole(&[vec![1.0]], 2));
        assert!(!are_whole(&[vec![1.0], vec![1.0, 0.5]], 2));
        assert!(!are_whole(&[vec![], vec![]], 2));
        assert!(!are_whole(&[vec![f32::NAN]], 1) && !are_whole(&[vec![f32::INFINITY]], 1));
    }
}
