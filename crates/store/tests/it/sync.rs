//! Several homes and one bucket: the real planner over real stores.

use crate::play::{Play, step as act};
use crate::support::{Fixture, PROJECTIONS, attached, dump, finished, memory, report};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use twin_core::bucket::Answer;
use twin_core::chat::{Audience, SessionChange};
use twin_core::memory::{Evidence, ForgetScope, MemoryChange};
use twin_core::port::Clock;
use twin_core::report::Source;
use twin_core::secret::Secret;
use twin_core::sync::{Chain, Content, Digest, Entry, Heads, Keep, OtherVersionOf, Span};
use twin_core::time::{Hlc, Timestamp};
use twin_store::{CheckedRecord, PersonaDifference, PersonaSource, Store, StoreError, Travelling, TurnBegin};
use twin_sync::key::DeviceKeys;
use twin_sync::keyring::{Keyring, NewDevice, Work};
use twin_sync::name;
use twin_sync::round::{Alarm, Ended, Input, Round, Step};
use twin_sync::sim::{MemoryBucket, Seeded};

/// What all devices must have alike, beside the projections.
const LOG: [&str; 1] =
    ["(SELECT device, seq, hlc_wall, hlc_counter, kind, version, payload, order_wall, order_counter FROM record)"];

struct World {
    bucket: MemoryBucket,
    random: Seeded,
    keys: Vec<DeviceKeys>,
    /// The bucket's clock; none as in a folder.
    date: Option<Timestamp>,
    alarms: Vec<Alarm>,
}

fn passphrase() -> Secret<String> {
    Secret::new("nine geese over the harbour".to_owned())
}

impl World {
    fn new(date: Option<i64>) -> Self {
        Self {
            bucket: MemoryBucket::default(),
            random: Seeded::new(7),
            keys: Vec::new(),
            date: date.map(Timestamp::from_millis),
            alarms: Vec::new(),
        }
    }

    /// The first creates, the others join: the number by which a home is called from then on.
    fn add(&mut self, fixture: &Fixture) -> usize {
        let keys = DeviceKeys::new(&mut self.random);
        let new = NewDevice { name: "one", device: fixture.store.device(), keys: &keys, now: fixture.clock.now() };
        let found = self.bucket.objects.keys().find(|name| name.ends_with("/keyring")).cloned();
        let ring = match found {
            None => {
                let work = Work { passphrase: 2, recovery: 2 };
                Keyring::create(&new, &passphrase(), &passphrase(), work, &mut self.random).unwrap()
            }
            Some(name) => {
                let bytes = &self.bucket.newest(&name).unwrap().bytes;
                let mut ring = Keyring::open_with_passphrase(bytes, &passphrase()).unwrap();
                ring.add_device(&new).unwrap();
                ring
            }
        };
        let sealed = ring.seal().unwrap();
        self.bucket.put(&name::keyring(ring.vault()), sealed.clone(), "set-up");
        let listed = ring.sequences().collect();
        fixture.store.sync_begin(sealed, listed).unwrap();
        self.keys.push(keys);
        self.keys.len() - 1
    }

    fn walk(&mut self, store: &Store, number: usize) -> Ended {
        let standing = store.sync_standing().unwrap().unwrap();
        let ring = Keyring::open(&standing.keyring, &self.keys[number]).unwrap();
        let random = Box::new(Seeded::new(self.random.draw()));
        let mut round = Round::new(standing, ring, self.keys[number].clone(), true, random);
        let mut input = Input::Done;
        loop {
            input = match round.step(input) {
                Step::Ask(request) => Input::Answer(Answer { outcome: self.bucket.ask(request), date: self.date }),
                Step::Wait { .. } => Input::Done,
                Step::Take { after, bytes } => Input::Records(store.sync_unsent(after, bytes).unwrap()),
                Step::Keep(keep) => {
                    store.sync_keep(keep).unwrap();
                    Input::Done
                }
                Step::Judge(entries) => Input::Amendments(store.sync_judge(entries).unwrap()),
                Step::Alarm(alarm) => {
                    self.alarms.push(alarm);
                    Input::Done
                }
                Step::Finished(ended) => return ended,
            };
        }
    }

    /// Rounds until nothing is left to do. What is forgotten while a reply grows waits for it.
    fn sync(&mut self, store: &Store, number: usize) {
        while self.walk(store, number) == Ended::More {}
        match store.sync_fold() {
            Ok(_) | Err(StoreError::ReplyGrowing) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// A few homes that sync.
fn homes<const N: usize>(date: Option<i64>) -> (World, [Fixture; N]) {
    let mut world = World::new(date);
    let fixtures = [(); N].map(|()| Fixture::new());
    for (number, fixture) in fixtures.iter().enumerate() {
        // Their clocks differ, so that what each does last is later than what the others did before.
        fixture.clock.set(1_795_249_000_000 + i64::try_from(number).unwrap());
        assert_eq!(world.add(fixture), number);
    }
    (world, fixtures)
}

fn all(world: &mut World, fixtures: &[Fixture]) {
    for _ in 0..3 {
        for (number, fixture) in fixtures.iter().enumerate() {
            world.sync(&fixture.store, number);
        }
    }
}

fn alike<'a>(fixtures: impl IntoIterator<Item = &'a Fixture>) {
    let dumps: Vec<String> = fixtures
        .into_iter()
        .map(|fixture| {
            let raw = fixture.raw();
            dump(&raw, &PROJECTIONS) + &dump(&raw, &LOG)
        })
        .collect();
    for other in &dumps[1..] {
        assert_eq!(*other, dumps[0]);
    }
}

fn titles(fixture: &Fixture) -> Vec<String> {
    fixture.store.session_list().unwrap().into_iter().map(|session| session.title).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::with_cases(32) })]
    /// I3 over the real store: whatever three people do and whenever they sync, in the end everybody has the same, and it is
    /// what folding the log gives.
    #[test]
    fn all_homes_become_alike(
        steps in prop::collection::vec((0..3_usize, prop_oneof![6 => act().prop_map(Some), 1 => Just(None)]), 1..70),
        dated in any::<bool>(),
    ) {
        let mut world = World::new(dated.then_some(1_795_249_000_000));
        let mut plays = [(); 3].map(|()| Play::new());
        for play in &plays {
            world.add(play.fixture());
        }
        for (who, what) in steps {
            if let Some(what) = what {
                plays[who].play(what);
            } else {
                world.sync(&plays[who].fixture().store, who);
                plays[who].look();
            }
        }
        for play in &mut plays {
            // What grows is of one device until it is said.
            for draft in play.drafts.clone() {
                let _ = play.fixture().store.reply_finish(&finished(&draft, "the end"), None);
            }
        }
        for _ in 0..4 {
            for (number, play) in plays.iter().enumerate() {
                world.sync(&play.fixture().store, number);
            }
        }
        let dumps: Vec<_> = plays
            .iter()
            .map(|play| (dump(&play.fixture().raw(), &PROJECTIONS), dump(&play.fixture().raw(), &LOG)))
            .collect();
        for (projections, log) in &dumps[1..] {
            prop_assert_eq!(log, &dumps[0].1);
            prop_assert_eq!(projections, &dumps[0].0);
        }
        plays[0].fixture().store.rebuild_projections().unwrap();
        prop_assert_eq!(&dump(&plays[0].fixture().raw(), &PROJECTIONS), &dumps[0].0);
    }
}

#[test]
fn what_one_writes_the_others_have() {
    let (mut world, fixtures) = homes::<3>(None);
    let session = fixtures[0].session("Storks", Audience::Owner);
    fixtures[0].turn(&session, true, "Where do storks winter?", "South of the Sahara.");
    all(&mut world, &fixtures);
    alike(&fixtures);
    assert_eq!(titles(&fixtures[2]), ["Storks"]);
    assert_eq!(fixtures[1].store.message_list(session.id).unwrap().len(), 2);
    // Both go on with it at once: two branches, none lost.
    let last = fixtures[1].store.message_list(session.id).unwrap()[1].id;
    fixtures[1].turn_in(&session, Some(last), "And cranes?", "In Spain.");
    fixtures[2].turn_in(&session, Some(last), "And swallows?", "Far south.");
    all(&mut world, &fixtures);
    alike(&fixtures);
    let raw = fixtures[0].raw();
    let mut said = raw.prepare("SELECT content FROM message ORDER BY content").unwrap();
    let said: Vec<String> = said.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(
        said,
        ["And cranes?", "And swallows?", "Far south.", "In Spain.", "South of the Sahara.", "Where do storks winter?"]
    );
    assert_eq!(world.alarms, []);
}

#[test]
fn of_two_titles_given_at_once_one_counts_and_the_other_is_kept() {
    let (mut world, fixtures) = homes::<2>(None);
    let session = fixtures[0].session("Storks", Audience::Owner);
    fixtures[0].turn(&session, true, "q", "a");
    all(&mut world, &fixtures);
    fixtures[0].store.session_rename(session.id, "Birds").unwrap();
    fixtures[1].store.session_rename(session.id, "Travel").unwrap();
    let tag = SessionChange::Tagged { tag: "one".to_owned(), tagged: true };
    fixtures[0].store.session_change(&[session.id], &tag).unwrap();
    all(&mut world, &fixtures);
    alike(&fixtures);
    let stands = titles(&fixtures[0]).remove(0);
    let lost = if stands == "Birds" { "Travel" } else { "Birds" };
    for fixture in &fixtures {
        let versions = fixture.store.sync_other_versions().unwrap();
        assert_eq!(versions.len(), 1);
        assert_eq!(versions[0].value, lost);
        assert_eq!(versions[0].of, OtherVersionOf::Title { session_id: session.id, now: stands.clone() });
    }
    // Taking it is an edit like any other, which the other device gets; then there is no other version any more.
    let version = fixtures[1].store.sync_other_versions().unwrap().remove(0);
    fixtures[1].store.sync_other_version_take(version.id).unwrap();
    all(&mut world, &fixtures);
    alike(&fixtures);
    assert_eq!(titles(&fixtures[0]), [lost]);
    assert_eq!(fixtures[1].store.sync_other_versions().unwrap(), []);
    // What was seen is no conflict.
    fixtures[0].store.session_rename(session.id, "Ciconia").unwrap();
    all(&mut world, &fixtures);
    assert_eq!(titles(&fixtures[1]), ["Ciconia"]);
}

#[test]
fn what_is_forgotten_on_one_is_gone_everywhere() {
    let (mut world, fixtures) = homes::<3>(None);
    let [secret, kept] = ["Secret", "Kept"].map(|title| fixtures[0].session(title, Audience::Owner));
    fixtures[0].turn(&secret, true, "the vault code is CANARY", "I keep it.");
    fixtures[0].turn(&kept, true, "q", "a");
    all(&mut world, &fixtures);
    let before = world.bucket.objects.values().map(Vec::len).sum::<usize>();
    assert!(before > 3, "something was sent");
    fixtures[1].store.forget(&ForgetScope::Session { id: secret.id }).unwrap();
    all(&mut world, &fixtures);
    alike(&fixtures);
    for fixture in &fixtures {
        assert_eq!(titles(fixture), ["Kept"]);
        let files = [fixture.home.path().join("twin.db"), fixture.home.path().join("twin.db-wal")];
        let bytes: Vec<u8> = files.iter().filter_map(|file| fs_err::read(file).ok()).flatten().collect();
        assert!(!bytes.windows(6).any(|window| window == b"CANARY"), "nothing is left in the files");
        let standing = fixture.store.sync_standing().unwrap().unwrap();
        assert_eq!(standing.unclean, [], "and nothing is to be done");
    }
    // The segments that held it were sealed anew, and their old contents taken away.
    assert!(world.bucket.objects.values().all(|versions| versions.len() <= 1 || versions[0].put_id == "set-up"));
    // Whoever sealed them anew may have been lost before the old contents went: then these are still there.
    for versions in world.bucket.objects.values_mut() {
        let mut old = versions[0].clone();
        old.put_id = "lost".to_owned();
        versions.insert(0, old);
    }
    let left = |world: &World| world.bucket.objects.values().flatten().filter(|one| one.put_id == "lost").count();
    let before = left(&world);
    // A new device reads what is there, and never hears of it.
    let fourth = Fixture::new();
    let number = world.add(&fourth);
    world.sync(&fourth.store, number);
    assert!(left(&world) < before, "who reads what was sealed anew has the old contents taken away");
    assert_eq!(titles(&fourth), ["Kept"]);
    let raw = fourth.raw();
    assert!(!raw.prepare("SELECT 1 FROM record WHERE payload LIKE '%CANARY%'").unwrap().exists([]).unwrap());
    alike([&fixtures[0], &fourth]);
}

#[test]
fn a_title_of_what_was_forgotten_elsewhere_at_the_same_time_goes_and_a_later_one_stays() {
    let (mut world, fixtures) = homes::<3>(None);
    let [session, other] = ["", "Other"].map(|title| fixtures[0].session(title, Audience::Owner));
    let (_, answer) = fixtures[0].turn(&session, true, "q", "of herons");
    let (_, aside) = fixtures[0].turn(&other, true, "q", "a");
    all(&mut world, &fixtures);
    fixtures[2].store.forget(&ForgetScope::Message { id: answer.id }).unwrap();
    assert!(fixtures[1].store.session_title_by_model(session.id, "Herons").unwrap());
    all(&mut world, &fixtures);
    alike(&fixtures);
    let title = |fixture: &Fixture| fixture.store.session_get(session.id).unwrap().title;
    for fixture in &fixtures {
        assert_eq!(title(fixture), "");
        let raw = fixture.raw();
        assert!(!raw.prepare("SELECT 1 FROM record WHERE payload LIKE '%Herons%'").unwrap().exists([]).unwrap());
    }
    // Whoever knows of it calls it after what is left, and that stays when something else is forgotten.
    assert!(fixtures[1].store.session_title_by_model(session.id, "A question").unwrap());
    all(&mut world, &fixtures);
    fixtures[0].store.forget(&ForgetScope::Message { id: aside.id }).unwrap();
    all(&mut world, &fixtures);
    alike(&fixtures);
    for fixture in &fixtures {
        assert_eq!(title(fixture), "A question");
    }
}

#[test]
fn what_reports_hold_of_a_persona_file_goes_everywhere_and_what_came_later_stays() {
    let (mut world, fixtures) = homes::<3>(None);
    let session = fixtures[0].session("s", Audience::Owner);
    let told = |fixture: &Fixture, begin: bool| {
        let parent = if begin { None } else { fixture.store.session_get(session.id).unwrap().head };
        let question = fixture.user(session.id, parent, "q");
        let reply = fixture.draft(&question);
        let begin = begin.then(|| session.clone());
        let turn = TurnBegin { session: begin, user_message: Some(question), blobs: Vec::new(), reply: reply.clone() };
        fixture.store.turn_begin(&turn).unwrap();
        let reply = finished(&reply, "a");
        fixture.store.reply_finish(&reply, Some(&report(&reply))).unwrap();
    };
    let reports = |fixture: &Fixture| -> i64 {
        let sql = "SELECT count(*) FROM record WHERE kind = 'context_report'";
        fixture.raw().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    told(&fixtures[0], true);
    all(&mut world, &fixtures);
    // Whoever does not know answers with it once more.
    told(&fixtures[1], false);
    fixtures[2].store.forget(&ForgetScope::File { path: "facts.json".to_owned() }).unwrap();
    all(&mut world, &fixtures);
    alike(&fixtures);
    assert_eq!(fixtures.each_ref().map(reports), [0, 0, 0]);
    // Another file of that name is the owner's to have.
    told(&fixtures[0], false);
    all(&mut world, &fixtures);
    let aside = fixtures[1].session("aside", Audience::Owner);
    fixtures[1].turn(&aside, true, "q", "a");
    fixtures[1].store.forget(&ForgetScope::Session { id: aside.id }).unwrap();
    all(&mut world, &fixtures);
    alike(&fixtures);
    assert_eq!(fixtures.each_ref().map(reports), [1, 1, 1]);
}

#[test]
fn all_show_the_same_branch_after_the_beginning_of_a_deleted_one_was_forgotten_and_its_end_went_on() {
    let (mut world, fixtures) = homes::<3>(None);
    let session = fixtures[0].session("s", Audience::Owner);
    let (_, kept) = fixtures[0].turn(&session, true, "q", "a");
    let (question, answer) = fixtures[0].turn(&session, false, "the beginning", "a");
    all(&mut world, &fixtures);
    fixtures[0].store.branch_delete(session.id, question.id, true).unwrap();
    let at = question.created_at;
    let span = ForgetScope::Span { from: at, before: Timestamp::from_millis(at.as_millis() + 1) };
    fixtures[1].store.forget(&span).unwrap();
    // Later by the clock than what the first chose to show.
    fixtures[2].clock.set(1_795_249_001_000);
    fixtures[2].turn_in(&session, Some(answer.id), "and on", "the end");
    all(&mut world, &fixtures);
    alike(&fixtures);
    for fixture in &fixtures {
        assert!(matches!(fixture.store.message_get(question.id), Err(StoreError::NotFound(_))));
        assert_eq!(fixture.store.session_leaf(session.id).unwrap(), Some(kept.id));
    }
}

#[test]
fn what_is_later_said_of_a_message_of_a_forgotten_session_goes_everywhere() {
    let (mut world, fixtures) = homes::<3>(None);
    let session = fixtures[0].session("s", Audience::Owner);
    let (_, answer) = fixtures[0].turn(&session, true, "q", "a");
    let aside = fixtures[0].session("aside", Audience::Owner);
    let (_, end) = fixtures[0].turn(&aside, true, "q", "a");
    all(&mut world, &fixtures);
    // The second goes on with it and sends that; only then it says something of what it wrote, each thing of another message.
    let (passing, _) = fixtures[1].turn_in(&session, Some(answer.id), "in passing", "noted");
    let (question, blob) =
        attached(fixtures[1].clock.as_ref(), fixtures[1].user(session.id, Some(answer.id), "and this?"), b"a file");
    let reply = fixtures[1].draft(&question);
    let turn =
        TurnBegin { session: None, user_message: Some(question.clone()), blobs: vec![blob], reply: reply.clone() };
    fixtures[1].store.turn_begin(&turn).unwrap();
    let reply = finished(&reply, "seen");
    fixtures[1].store.reply_finish(&reply, None).unwrap();
    world.sync(&fixtures[1].store, 1);
    fixtures[1].store.attachment_leave_out(question.id, question.attachments[0].id, true).unwrap();
    fixtures[1].store.branch_delete(session.id, reply.id, true).unwrap();
    let (asked, _) = fixtures[1].turn_in(&aside, Some(end.id), "what did I show you?", "nothing");
    let other = fixtures[1].draft(&asked);
    let turn = TurnBegin { session: None, user_message: None, blobs: Vec::new(), reply: other.clone() };
    fixtures[1].store.turn_begin(&turn).unwrap();
    let other = finished(&other, "a file");
    let mut quoting = report(&other);
    if let Source::Message { session_id, message_id, .. } = &mut quoting.passages[0].source {
        (*session_id, *message_id) = (session.id, passing.id);
    }
    fixtures[1].store.reply_finish(&other, Some(&quoting)).unwrap();
    fixtures[0].store.forget(&ForgetScope::Session { id: session.id }).unwrap();
    // Reads the message, and erases it at once.
    world.sync(&fixtures[0].store, 0);
    all(&mut world, &fixtures);
    alike(&fixtures);
    for fixture in &fixtures {
        for gone in [question.id, reply.id, passing.id] {
            let left = format!("SELECT 1 FROM record WHERE payload LIKE '%{gone}%'");
            assert!(!fixture.raw().prepare(&left).unwrap().exists([]).unwrap());
        }
    }
}

#[test]
fn what_was_learned_of_a_persona_file_goes_everywhere_and_what_came_later_stays() {
    let (mut world, fixtures) = homes::<3>(None);
    let session = fixtures[0].session("s", Audience::Owner);
    let (question, _) = fixtures[0].turn(&session, true, "q", "a");
    let file = || Evidence::File { path: "cv.pdf".to_owned(), line: 0 };
    let learn = |fixture: &Fixture, text: &str, also: Option<Evidence>| {
        let mut new = memory(fixture.clock.as_ref(), &question, text);
        new.sources = also.into_iter().chain([file()]).collect();
        fixture.store.memory_change(&[MemoryChange::Learned { memory: new }]).unwrap();
    };
    let said = || Some(Evidence::Message { session_id: session.id, message_id: question.id });
    learn(&fixtures[0], "known to all", None);
    learn(&fixtures[0], "said as well", said());
    all(&mut world, &fixtures);
    // Not knowing that it is forgotten.
    learn(&fixtures[2], "learned meanwhile", None);
    learn(&fixtures[2], "said as well, and learned meanwhile", said());
    fixtures[1].store.forget(&ForgetScope::File { path: "cv.pdf".to_owned() }).unwrap();
    all(&mut world, &fixtures);
    alike(&fixtures);
    let holding = |fixture: &Fixture, text: &str| -> i64 {
        let sql = "SELECT count(*) FROM record WHERE kind = 'memory' AND payload LIKE ?1";
        fixture.raw().query_row(sql, [format!("%{text}%")], |row| row.get(0)).unwrap()
    };
    for fixture in &fixtures {
        assert_eq!(
            [holding(fixture, "cv.pdf"), holding(fixture, "said as well"), holding(fixture, "\"text\"")],
            [0, 2, 2]
        );
    }
    // Another file of that name is the owner's to have.
    learn(&fixtures[0], "of the new one", None);
    all(&mut world, &fixtures);
    fixtures[1].store.forget(&ForgetScope::Message { id: question.id }).unwrap();
    all(&mut world, &fixtures);
    alike(&fixtures);
    assert_eq!(fixtures.each_ref().map(|fixture| holding(fixture, "cv.pdf")), [1, 1, 1]);
}

#[test]
fn a_summary_of_what_was_forgotten_elsewhere_at_the_same_time_goes() {
    let (mut world, fixtures) = homes::<3>(None);
    let session = fixtures[0].session("s", Audience::Owner);
    fixtures[0].turn(&session, true, "q", "a");
    let (question, answer) = fixtures[0].turn(&session, false, "of herons", "a");
    all(&mut world, &fixtures);
    fixtures[1].store.forget(&ForgetScope::Message { id: question.id }).unwrap();
    let mut summary = memory(fixtures[2].clock.as_ref(), &question, "Herons");
    summary.sources = vec![Evidence::Session { session_id: session.id, through: answer.id }];
    fixtures[2].store.memory_change(&[MemoryChange::Learned { memory: summary }]).unwrap();
    all(&mut world, &fixtures);
    alike(&fixtures);
    for fixture in &fixtures {
        let raw = fixture.raw();
        assert!(!raw.prepare("SELECT 1 FROM record WHERE payload LIKE '%Herons%'").unwrap().exists([]).unwrap());
    }
}

#[test]
fn what_is_said_of_a_memory_that_was_forgotten_elsewhere_goes_whenever_it_comes() {
    let (mut world, fixtures) = homes::<3>(None);
    let session = fixtures[0].session("s", Audience::Owner);
    let (question, _) = fixtures[0].turn(&session, true, "q", "a");
    all(&mut world, &fixtures);
    fixtures[1].store.forget(&ForgetScope::Session { id: session.id }).unwrap();
    // Not knowing of that: learned, and sent; then pinned, which comes to the first when what was learned is erased there.
    let memory = fixtures[2].learn(&question, "m");
    world.sync(&fixtures[2].store, 2);
    fixtures[2].store.memory_change(&[MemoryChange::Pinned { id: memory.id, pinned: true }]).unwrap();
    all(&mut world, &fixtures);
    alike(&fixtures);
    for fixture in &fixtures {
        let left = "SELECT 1 FROM record WHERE kind = 'memory'";
        assert!(!fixture.raw().prepare(left).unwrap().exists([]).unwrap());
    }
}

#[test]
fn what_an_archive_brings_travels_as_ones_own_and_replaces_nothing_newer() {
    let elsewhere = Fixture::new();
    elsewhere.clock.set(1_700_000_000_000);
    let old = elsewhere.session("Old", Audience::Owner);
    elsewhere.turn(&old, true, "from an archive", "a");
    let (mut world, fixtures) = homes::<2>(None);
    let own = fixtures[0].session("Own", Audience::Owner);
    fixtures[0].turn(&own, true, "q", "a");
    all(&mut world, &fixtures);
    let before = fixtures[0].store.device();

    let bring = |store: &Store| {
        let mut records = Vec::new();
        elsewhere
            .store
            .log_read(|travelling| {
                if let Travelling::Record(record) = travelling {
                    records.push(record);
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
        let merged = store.log_merge(move |merge| {
            records
                .into_iter()
                .try_for_each(|record| merge.record(CheckedRecord::new(record)?))
                .map_err(|error: StoreError| error)
        });
        merged.unwrap().1
    };
    assert!(bring(&fixtures[0].store).records > 0);
    assert_ne!(fixtures[0].store.device(), before);
    all(&mut world, &fixtures);
    alike(&fixtures);
    assert_eq!(titles(&fixtures[1]), ["Own", "Old"]);
    assert_eq!(world.alarms, []);
    // Once more changes nothing.
    assert_eq!(bring(&fixtures[0].store).records, 0);
    let waiting = fixtures[0].store.sync_waiting().unwrap();
    assert_eq!(waiting.records, 0);
}

#[test]
fn a_copy_that_was_put_back_goes_on_as_a_device_of_its_own() {
    let (mut world, fixtures) = homes::<2>(None);
    let one = fixtures[0].session("One", Audience::Owner);
    fixtures[0].turn(&one, true, "q", "a");
    all(&mut world, &fixtures);
    // Not sent when the copy is made, but sent afterwards.
    let two = fixtures[0].session("Two", Audience::Owner);
    fixtures[0].turn(&two, true, "q", "a");
    let copy = fixtures[0].store.backup().unwrap();
    all(&mut world, &fixtures);
    let three = fixtures[0].session("Three", Audience::Owner);
    fixtures[0].turn(&three, true, "q", "a");
    all(&mut world, &fixtures);
    fixtures[0].store.backup_restore(&copy.name).unwrap();
    assert_eq!(titles(&fixtures[0]), ["Two", "One"]);
    all(&mut world, &fixtures);
    alike(&fixtures);
    assert_eq!(titles(&fixtures[0]), ["Three", "Two", "One"]);
}

#[test]
fn after_a_repair_what_was_sent_stands_as_it_was_sent() {
    let (mut world, [fixture, other]) = homes::<2>(None);
    let fixtures = [fixture, other];
    let one = fixtures[0].session("One", Audience::Owner);
    fixtures[0].turn(&one, true, "q", "a");
    all(&mut world, &fixtures);
    fixtures[0].store.backup().unwrap();
    fixtures[0].turn(&one, false, "and what of the engines?", "a");
    all(&mut world, &fixtures);
    let [Fixture { home, store, clock, .. }, other] = fixtures;
    drop(store);
    let path = home.path().join("twin.db");
    let mut bytes = fs_err::read(&path).unwrap();
    let said = br#""and what of the engines?""#;
    let found: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(said)).collect();
    assert_eq!(found.len(), 1, "in the log, where it is JSON");
    bytes[found[0] + 5] ^= 0x01;
    fs_err::write(&path, bytes).unwrap();

    let clock: Arc<dyn Clock> = clock;
    assert!(twin_store::backup_recover(home.path(), &clock).unwrap().syncs);
    let store = Store::open(home.path(), clock).unwrap();
    for _ in 0..3 {
        world.sync(&store, 0);
        world.sync(&other.store, 1);
    }
    store.backup().unwrap();
    other.store.backup().unwrap();
    let [here, there] = [home.path(), other.home.path()].map(|home| {
        let raw = rusqlite::Connection::open(home.join("twin.db")).unwrap();
        dump(&raw, &PROJECTIONS) + &dump(&raw, &LOG)
    });
    assert_eq!(here, there);
    assert!(!here.contains("and vhat"), "the letter is right again in every record");
}

#[test]
fn files_travel_and_go_with_what_is_forgotten() {
    let (mut world, fixtures) = homes::<2>(None);
    let session = fixtures[0].session("Files", Audience::Owner);
    let question = fixtures[0].user(session.id, None, "look at this");
    let (question, blob) = attached(fixtures[0].clock.as_ref(), question, b"the bytes");
    let reply = fixtures[0].draft(&question);
    let turn =
        TurnBegin { session: Some(session.clone()), user_message: Some(question), blobs: vec![blob.clone()], reply };
    fixtures[0].store.turn_begin(&turn).unwrap();
    fixtures[0].store.reply_finish(&finished(&turn.reply, "seen"), None).unwrap();
    let [from, to] = &fixtures;
    assert_eq!(from.store.sync_files_unsent(9).unwrap(), std::slice::from_ref(&blob.sha256));
    from.store.sync_file_sent(&blob.sha256, true).unwrap();
    assert_eq!(from.store.sync_files_unsent(9).unwrap(), Vec::<String>::new());
    all(&mut world, &fixtures);
    assert_eq!(to.store.sync_files_missing(9).unwrap(), std::slice::from_ref(&blob.sha256));
    assert!(to.store.sync_file_keep(&blob.sha256, b"other bytes".to_vec()).is_err());
    to.store.sync_file_keep(&blob.sha256, blob.bytes.clone()).unwrap();
    assert_eq!(to.store.sync_files_missing(9).unwrap(), Vec::<String>::new());
    assert_eq!(to.store.blob_get(&blob.sha256).unwrap(), Some(blob.bytes));
    assert_eq!(to.store.sync_files_unsent(9).unwrap(), Vec::<String>::new());

    to.store.forget(&ForgetScope::Session { id: session.id }).unwrap();
    all(&mut world, &fixtures);
    for fixture in &fixtures {
        assert_eq!(fixture.store.blob_get(&blob.sha256).unwrap(), None);
        assert_eq!(fixture.store.sync_files_forgotten(9).unwrap(), std::slice::from_ref(&blob.sha256));
        fixture.store.sync_file_sent(&blob.sha256, false).unwrap();
        assert_eq!(fixture.store.sync_files_forgotten(9).unwrap(), Vec::<String>::new());
    }
}

/// A persona folder.
type Folder = BTreeMap<String, Vec<u8>>;

/// Looks at the folder, and writes what is to be written, as the application does.
fn exchange(fixture: &Fixture, folder: &mut Folder, sample: bool) {
    let files = folder.iter().map(|(path, bytes)| PersonaSource { path: path.clone(), bytes: bytes.clone(), sample });
    for difference in fixture.store.persona_exchange(files.collect(), true).unwrap() {
        match &difference {
            PersonaDifference::Write { path, bytes, .. } => drop(folder.insert(path.clone(), bytes.clone())),
            PersonaDifference::Remove { path, .. } => drop(folder.remove(path)),
        }
        fixture.store.persona_written(&difference).unwrap();
    }
}

/// Files travel beside the records: here from hand to hand.
fn carry(fixtures: &[Fixture]) {
    for fixture in fixtures {
        for file in fixture.store.sync_files_missing(99).unwrap() {
            let bytes = fixtures.iter().find_map(|other| other.store.blob_get(&file).unwrap());
            fixture.store.sync_file_keep(&file, bytes.unwrap()).unwrap();
        }
    }
}

fn folder(files: &[(&str, &str)]) -> Folder {
    files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
}

#[test]
fn the_persona_is_the_same_everywhere_and_no_edit_is_lost() {
    let (mut world, fixtures) = homes::<2>(None);
    let mut folders = [
        folder(&[("facts.md", "mine"), ("style.md", "dry")]),
        folder(&[("facts.md", "a sample"), ("tips.md", "a sample")]),
    ];
    let step = |world: &mut World, folders: &mut [Folder; 2]| {
        for _ in 0..2 {
            exchange(&fixtures[0], &mut folders[0], false);
            all(world, &fixtures);
            carry(&fixtures);
            exchange(&fixtures[1], &mut folders[1], false);
            all(world, &fixtures);
            carry(&fixtures);
        }
        alike(&fixtures);
    };
    // The first has the owner's; the second only the sample, which makes room.
    exchange(&fixtures[0], &mut folders[0], false);
    all(&mut world, &fixtures);
    carry(&fixtures);
    exchange(&fixtures[1], &mut folders[1], true);
    assert_eq!(folders[1], folder(&[("facts.md", "mine"), ("style.md", "dry")]));

    // Written here, taken away there, new there.
    folders[0].insert("facts.md".to_owned(), b"mine, newer".to_vec());
    folders[1].remove("style.md");
    folders[1].insert("goals.md".to_owned(), b"rest".to_vec());
    step(&mut world, &mut folders);
    assert_eq!(folders[0], folder(&[("facts.md", "mine, newer"), ("goals.md", "rest")]));
    assert_eq!(folders[1], folders[0]);
    assert!(fixtures.iter().all(|fixture| fixture.store.sync_other_versions().unwrap().is_empty()));

    // One file on both at once: one of them everywhere, the other kept and shown on both.
    folders[0].insert("facts.md".to_owned(), b"of the first".to_vec());
    folders[1].insert("facts.md".to_owned(), b"of the second".to_vec());
    exchange(&fixtures[0], &mut folders[0], false);
    exchange(&fixtures[1], &mut folders[1], false);
    step(&mut world, &mut folders);
    assert_eq!(folders[0], folders[1]);
    let stands = String::from_utf8(folders[0]["facts.md"].clone()).unwrap();
    let lost = if stands == "of the first" { "of the second" } else { "of the first" };
    for fixture in &fixtures {
        let versions = fixture.store.sync_other_versions().unwrap();
        let shown: Vec<_> = versions.iter().map(|version| (&version.of, version.value.as_str())).collect();
        assert_eq!(shown, [(&OtherVersionOf::File { path: "facts.md".to_owned() }, lost)]);
    }
    let version = fixtures[0].store.sync_other_versions().unwrap().remove(0);
    fixtures[0].store.sync_other_version_take(version.id).unwrap();
    step(&mut world, &mut folders);
    assert_eq!(folders[1]["facts.md"], lost.as_bytes());

    // Changed here before it was seen that the other changed it, too: what lies here counts, the other is kept.
    folders[0].insert("goals.md".to_owned(), b"work".to_vec());
    exchange(&fixtures[0], &mut folders[0], false);
    all(&mut world, &fixtures);
    carry(&fixtures);
    folders[1].insert("goals.md".to_owned(), b"play".to_vec());
    step(&mut world, &mut folders);
    assert_eq!((&folders[0]["goals.md"][..], &folders[1]["goals.md"][..]), (&b"play"[..], &b"play"[..]));
    let versions = fixtures[1].store.sync_other_versions().unwrap();
    assert_eq!(versions.iter().map(|version| version.value.as_str()).collect::<Vec<_>>(), ["work"]);

    // A drive that is not there, or a file that cannot be read, takes nothing away.
    let found = fixtures[1].store.persona_exchange(Vec::new(), false).unwrap();
    assert_eq!(found, []);
    step(&mut world, &mut folders);
    assert_eq!(folders[0].len(), 2);
}

#[test]
fn a_record_of_another_device_that_cannot_be_read_does_not_make_the_database_a_damaged_one() {
    let (_, fixtures) = homes::<2>(None);
    let (device, order) = (fixtures[1].store.device(), Hlc::default());
    let content = Content { kind: "message".to_owned(), version: 1, payload: b"{}".to_vec() };
    let entry = Entry { device, seq: 1, hlc: order, order, seen: Heads::new(), content };
    let span = Span { device, number: 1, first: 1, last: 1, digest: Digest::default() };
    let chain = Chain { segments: 1, records: 1, digest: Digest::default(), order };
    let keep = Keep::Received { span, chain, entries: vec![entry], amended: false };
    assert!(matches!(fixtures[0].store.sync_keep(keep), Err(StoreError::Unreadable(_))));
}

#[test]
fn leaving_keeps_everything_and_another_vault_gets_all_of_it() {
    let (mut world, fixtures) = homes::<2>(None);
    for (number, fixture) in fixtures.iter().enumerate() {
        let session = fixture.session(&format!("Of {number}"), Audience::Owner);
        fixture.turn(&session, true, "q", "a");
    }
    all(&mut world, &fixtures);
    fixtures[0].store.sync_end().unwrap();
    assert!(fixtures[0].store.sync_standing().unwrap().is_none());
    assert_eq!(titles(&fixtures[0]).len(), 2);
    let mut other = World::new(None);
    let new = Fixture::new();
    other.add(&fixtures[0]);
    other.add(&new);
    for _ in 0..2 {
        other.sync(&fixtures[0].store, 0);
        other.sync(&new.store, 1);
    }
    alike([&fixtures[0], &new]);
    assert_eq!(titles(&new).len(), 2);
}

#[test]
fn a_title_that_was_made_knowing_of_what_was_forgotten_stays_after_leaving() {
    let (mut world, fixtures) = homes::<2>(None);
    let session = fixtures[0].session("s", Audience::Owner);
    let (_, answer) = fixtures[0].turn(&session, true, "q", "of herons");
    all(&mut world, &fixtures);
    fixtures[1].store.forget(&ForgetScope::Message { id: answer.id }).unwrap();
    all(&mut world, &fixtures);
    let here = &fixtures[0].store;
    // Whatever comes in, what was forgotten is looked for again.
    let title_after_more = || {
        let other = Fixture::new();
        let elsewhere = other.session("Other", Audience::Owner);
        other.turn(&elsewhere, true, "q", "a");
        crate::merge::take_in(here, crate::merge::all(&other.store)).unwrap();
        assert!(here.session_get(elsewhere.id).is_ok());
        here.session_get(session.id).unwrap().title
    };
    assert!(here.session_title_by_model(session.id, "Knowing").unwrap());
    here.sync_end().unwrap();
    assert_eq!(title_after_more(), "Knowing");
    assert!(here.session_title_by_model(session.id, "Knowing still").unwrap());
    assert_eq!(title_after_more(), "Knowing still");
    here.sync_begin(b"another".to_vec(), Vec::new()).unwrap();
    assert_eq!(title_after_more(), "Knowing still");
}
