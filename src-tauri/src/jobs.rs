//! Long work that the person follows in the page and may call off there.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tauri::ipc::Channel;
use twin_app::job::{Job, Progress};

/// A job looks up several times a second. What does not, such as the folding of what was imported, is undone by the store.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is under way, with the name that the page gave it. Found again by a number of its own: a page gives a name once, but
/// one that was given twice must neither hide the earlier job nor go with it.
#[derive(Default)]
pub(crate) struct Jobs {
    running: Mutex<BTreeMap<u64, (String, Job)>>,
    ended: Condvar,
}

/// One of them, for as long as it is under way.
pub(crate) struct Running<'a> {
    jobs: &'a Jobs,
    number: u64,
    job: Job,
}

impl Jobs {
    pub(crate) fn begin(&self, name: String, progress: Channel<Progress>) -> Running<'_> {
        let job = Job::new(Arc::new(move |event| {
            // A page that was loaded again does not listen any more; the work is finished all the same.
            if let Err(error) = progress.send(event) {
                tracing::debug!(%error, "progress did not reach the window");
            }
        }));
        let mut running = self.running();
        let number = running.last_key_value().map_or(0, |(last, _)| last + 1);
        running.insert(number, (name, job.clone()));
        Running { jobs: self, number, job }
    }

    /// Nothing happens to one that has ended.
    pub(crate) fn cancel(&self, name: &str) {
        for (_, job) in self.running().values().filter(|(of, _)| of == name) {
            job.cancel();
        }
    }

    /// Calls everything off and waits for it: a file that is half written is taken away by whoever wrote it, if they live so long.
    pub(crate) fn end(&self) {
        let running = self.running();
        for (_, job) in running.values() {
            job.cancel();
        }
        let waited = self.ended.wait_timeout_while(running, PATIENCE, |running| !running.is_empty());
        if waited.is_ok_and(|(_, timeout)| timeout.timed_out()) {
            tracing::warn!("the program ended in the middle of something");
        }
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<u64, (String, Job)>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running<'_> {
    pub(crate) fn job(&self) -> Job {
        self.job.clone()
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.jobs.running().remove(&self.number);
        self.jobs.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    fn nobody() -> Channel<Progress> {
        Channel::new(|_| Ok(()))
    }

    #[test]
    fn the_end_waits_until_what_was_under_way_has_stopped() {
        let jobs = Jobs::default();
        let (stopped, stops) = channel();
        std::thread::scope(|scope| {
            let running = jobs.begin("export".to_owned(), nobody());
            scope.spawn(move || {
                while running.job().is_going_on() {
                    std::thread::yield_now();
                }
                stopped.send(()).unwrap();
            });
            jobs.end();
            assert!(stops.try_recv().is_ok(), "it had stopped before the program ends");
        });
    }

    #[test]
    fn only_the_job_of_that_name_is_called_off() {
        let jobs = Jobs::default();
        let (one, other) = (jobs.begin("one".to_owned(), nobody()), jobs.begin("other".to_owned(), nobody()));
        jobs.cancel("one");
        jobs.cancel("nobody");
        assert!(!one.job().is_going_on() && other.job().is_going_on());
    }

    #[test]
    fn one_that_ends_leaves_another_of_its_name_within_reach() {
        let jobs = Jobs::default();
        let (first, second) = (jobs.begin("export".to_owned(), nobody()), jobs.begin("export".to_owned(), nobody()));
        drop(first);
        jobs.cancel("export");
        assert!(!second.job().is_going_on());
    }

    #[test]
    fn all_of_a_name_are_called_off() {
        let jobs = Jobs::default();
        let (first, second) = (jobs.begin("export".to_owned(), nobody()), jobs.begin("export".to_owned(), nobody()));
        jobs.cancel("export");
        assert!(!first.job().is_going_on() && !second.job().is_going_on());
    }
}
