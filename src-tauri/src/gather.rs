//! Passes what a reply tells on to the page, gathered: each message to a page is a script that its web view runs, and at a
//! thousand words a second that alone kept a processor busy for half of the time.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use twin_app::chat::Sink;
use twin_core::event::ReplyEvent;

/// A frame at 60 a second: the page draws no oftener.
const FRAME: Duration = Duration::from_millis(16);

/// Does `work`, which tells `sink`, and passes on what is told: the first event at once, then once a frame, words that
/// follow each other as one. Has passed on everything when it returns.
pub(crate) async fn gathered<T, W: Future<Output = T>>(
    work: impl FnOnce(Sink) -> W,
    pass: impl FnMut(ReplyEvent) + Send,
) -> T {
    let (told, telling) = unbounded_channel();
    // Nobody listens only when the work has been dropped, too.
    let sink: Sink = Arc::new(move |event| drop(told.send(event)));
    let (done, ()) = tokio::join!(work(sink), pass_on(telling, pass));
    done
}

async fn pass_on(mut told: UnboundedReceiver<ReplyEvent>, mut pass: impl FnMut(ReplyEvent) + Send) {
    while let Some(mut event) = told.recv().await {
        while let Ok(next) = told.try_recv() {
            if let Some(next) = append(&mut event, next) {
                pass(std::mem::replace(&mut event, next));
            }
        }
        pass(event);
        tokio::time::sleep(FRAME).await;
    }
}

/// Appends words to words of the same kind; gives back what is something else.
fn append(event: &mut ReplyEvent, next: ReplyEvent) -> Option<ReplyEvent> {
    match (event, next) {
        (ReplyEvent::Delta { text }, ReplyEvent::Delta { text: more })
        | (ReplyEvent::Reasoning { text }, ReplyEvent::Reasoning { text: more }) => {
            text.push_str(&more);
            None
        }
        (_, next) => Some(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> ReplyEvent {
        ReplyEvent::Delta { text: text.to_owned() }
    }

    fn thought(text: &str) -> ReplyEvent {
        ReplyEvent::Reasoning { text: text.to_owned() }
    }

    #[tokio::test]
    async fn words_told_at_once_are_passed_on_together_and_nothing_changes_its_place() {
        let tool = || ReplyEvent::ToolEnded { id: "1".to_owned(), output: String::new(), is_error: false };
        let mut passed = Vec::new();
        let work = async |sink: Sink| {
            for event in [thought("H"), thought("m"), word("a"), word("b"), tool(), word("c"), word("d")] {
                sink(event);
            }
            "the work's result"
        };
        assert_eq!(gathered(work, |event| passed.push(event)).await, "the work's result");
        assert_eq!(passed, [thought("Hm"), word("ab"), tool(), word("cd")]);
    }

    #[tokio::test]
    async fn a_word_is_passed_on_before_the_next_one_is_told() {
        let (heard, mut hearing) = unbounded_channel();
        let work = async |sink: Sink| {
            for text in ["one", "two"] {
                sink(word(text));
                assert_eq!(hearing.recv().await, Some(word(text)));
            }
        };
        gathered(work, |event| heard.send(event).unwrap()).await;
    }
}
