//! What a round will ask soon, asked already: the way to the bucket and back is long, and what came has to be folded
//! meanwhile.

use crate::task::{self, Task};
use std::sync::Arc;
use tokio::sync::oneshot;
use twin_core::bucket::{Answer, Bucket, Request};

/// More at once would only be in each other's way.
const AT_ONCE: usize = 8;

/// A bucket, and the answers that are on their way from it. Those that nobody waits for any more go with it.
pub(super) struct Ahead {
    bucket: Arc<dyn Bucket>,
    asked: Vec<Asked>,
}

struct Asked {
    request: Request,
    answer: oneshot::Receiver<Answer>,
    _task: Task,
}

impl Ahead {
    pub(super) fn new(bucket: &Arc<dyn Bucket>) -> Self {
        Self { bucket: Arc::clone(bucket), asked: Vec::new() }
    }

    /// Asks them without waiting, also those that were asked before.
    pub(super) fn foresee(&mut self, requests: Vec<Request>) {
        self.asked.retain(|asked| !requests.contains(&asked.request));
        let room = AT_ONCE - self.asked.len();
        for request in requests.into_iter().take(room) {
            let (tell, answer) = oneshot::channel();
            let asking = self.bucket.ask(request.clone());
            let task = task::spawn("sync_ahead", async move {
                // Where nobody listens any more, the round went another way.
                drop(tell.send(asking.await));
            });
            self.asked.push(Asked { request, answer, _task: task });
        }
    }

    /// The answer to a request, be it on its way already.
    pub(super) async fn ask(&mut self, request: Request) -> Answer {
        if let Some(at) = self.asked.iter().position(|asked| asked.request == request) {
            let Asked { answer, _task, .. } = self.asked.swap_remove(at);
            if let Ok(answer) = answer.await {
                return answer;
            }
        }
        self.bucket.ask(request).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use twin_core::bucket::{Outcome, Pending};

    /// Is busy for as many seconds as it heard questions.
    #[derive(Default)]
    struct Counting(Mutex<Vec<String>>);

    impl Bucket for Counting {
        fn ask(&self, request: Request) -> Pending {
            let mut heard = self.0.lock().unwrap();
            heard.push(request.name().to_owned());
            let outcome = Outcome::Busy { retry_after: u32::try_from(heard.len()).ok() };
            Box::pin(std::future::ready(Answer { outcome, date: None }))
        }
    }

    fn get(name: &str) -> Request {
        Request::Get { name: name.to_owned() }
    }

    #[tokio::test]
    async fn what_was_foreseen_is_asked_once_and_its_answer_is_given_once() {
        let counting = Arc::new(Counting::default());
        let bucket: Arc<dyn Bucket> = counting.clone();
        let mut ahead = Ahead::new(&bucket);
        ahead.foresee(vec![get("first"), get("second")]);
        for (name, number) in [("second", 2), ("first", 1), ("first", 3)] {
            assert_eq!(ahead.ask(get(name)).await.outcome, Outcome::Busy { retry_after: Some(number) });
        }
        assert_eq!(*counting.0.lock().unwrap(), ["first", "second", "first"]);
    }

    #[tokio::test]
    async fn of_what_is_foreseen_again_the_later_answer_is_given() {
        let counting = Arc::new(Counting::default());
        let bucket: Arc<dyn Bucket> = counting.clone();
        let mut ahead = Ahead::new(&bucket);
        for _ in 0..2 {
            ahead.foresee(vec![get("only")]);
        }
        assert_eq!(ahead.ask(get("only")).await.outcome, Outcome::Busy { retry_after: Some(2) });
        assert_eq!(*counting.0.lock().unwrap(), ["only", "only"]);
    }
}
