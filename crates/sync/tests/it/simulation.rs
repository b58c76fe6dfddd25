//! The bad world, and the bugs that it has to catch.

use twin_sync::mutant::Mutant;
use twin_sync::sim::run;

fn whole(seeds: std::ops::Range<u64>) {
    let broken: Vec<String> = seeds.filter_map(|seed| run(seed, None).err()).collect();
    assert!(broken.is_empty(), "{} broken:\n{}", broken.len(), broken.join("\n"));
}

// In four parts, so that they run at once: each world is of one thread.
#[test]
fn nothing_is_lost_in_the_first_hundred_and_twenty_five_bad_worlds() {
    whole(0..125);
}

#[test]
fn nothing_is_lost_in_the_second_hundred_and_twenty_five_bad_worlds() {
    whole(125..250);
}

#[test]
fn nothing_is_lost_in_the_third_hundred_and_twenty_five_bad_worlds() {
    whole(250..375);
}

#[test]
fn nothing_is_lost_in_the_fourth_hundred_and_twenty_five_bad_worlds() {
    whole(375..500);
}

#[test]
fn the_same_seed_is_the_same_world() {
    for seed in [3, 77, 401] {
        assert_eq!(run(seed, None).unwrap(), run(seed, None).unwrap());
    }
}

const ANEW: &str = "a device took a new id without need";
const ENDLESS: &str = "I10";
const FORGED: &str = "I13: a forged record was believed";
const KEPT: &str = "I8: the bucket still has what was forgotten";
const LOST: &str = "I1, I2, I4";
const DIFFER: &str = "I3";

/// What has to catch it. What is caught by something else only is caught by chance.
const fn expected(mutant: Mutant) -> &'static str {
    match mutant {
        Mutant::ConfirmWithoutAnswer => LOST,
        Mutant::SkipPutIdCheck
        | Mutant::MintDropsPending
        | Mutant::CursorRunsAhead
        | Mutant::RewriteOverwrites
        | Mutant::TiesByArrival
        | Mutant::ForkUnnoticed
        | Mutant::ClosedUnread
        | Mutant::ForeseenTooEarly => DIFFER,
        Mutant::SealAgainOnRetry | Mutant::PutBeforeKept | Mutant::CleanedIsForeign => ANEW,
        Mutant::NonceReused => "a nonce was used twice",
        Mutant::SignatureNotChecked | Mutant::ChainNotChecked => FORGED,
        Mutant::CausalHoldSkipped | Mutant::CursorKeptFirst => "I5",
        Mutant::MintKeepsOldSequence | Mutant::EndlessRetry => ENDLESS,
        Mutant::OldEpochForever => "I14: sealed under an old epoch",
        Mutant::RevokedStaysRecipient => "I14: a removed device opens the keyring",
        Mutant::RevokeWithoutNewEpoch => "I14: a device was removed, and no epoch began",
        Mutant::RevokedWritesAccepted => "I14: a removed device's segment was believed",
        Mutant::KeyringRollbackAccepted => "a keyring was replaced by an older one",
        Mutant::KeyringRefusalIgnored | Mutant::KeyringProofNotChecked => {
            "a keyring was believed that no device of the vault made"
        }
        Mutant::AmendedIsClean | Mutant::ForgetKeepsOldVersions | Mutant::ForgetSkipsRewrite => KEPT,
        Mutant::ClampMissing => "a clock that runs ahead decides for years",
        Mutant::ClampForgetsSeen => "a record stands before one that its device had seen",
        Mutant::RollbackSilent => "a bucket went back in time, and nobody said so",
        Mutant::NoBackOff => "asked again at once after being turned away",
        Mutant::PayloadInPutId => "I7",
        // Records that were never kept are missing in many ways.
        Mutant::DiskFullIgnored => "",
    }
}

/// Where to begin to look, because it was caught there before: for time only, 300 are tried.
const fn likely(mutant: Mutant) -> u64 {
    match mutant {
        // Rare: whoever forgets loses its disk between two requests, and nobody else had read what it was about.
        Mutant::AmendedIsClean => 13_404,
        Mutant::ForeseenTooEarly => 623,
        Mutant::CleanedIsForeign => 152,
        Mutant::PutBeforeKept => 124,
        Mutant::ClosedUnread => 30,
        Mutant::KeyringRefusalIgnored | Mutant::ForkUnnoticed => 27,
        Mutant::KeyringProofNotChecked => 21,
        Mutant::TiesByArrival => 15,
        _ => 0,
    }
}

/// Every second mutant, from `from`.
#[expect(clippy::print_stdout, reason = "which world caught it, for whoever asks with --nocapture")]
fn caught(from: usize) {
    let mut alive = Vec::new();
    for mutant in Mutant::ALL.into_iter().skip(from).step_by(2) {
        let broken = (0..300).filter_map(|at| run(likely(mutant) + at, Some(mutant)).err());
        let mut others = 0;
        let by = broken.into_iter().find(|broken| {
            let why = broken.split_once(": ").map_or("", |(_, why)| why);
            others += usize::from(!why.starts_with(expected(mutant)));
            why.starts_with(expected(mutant))
        });
        match by {
            Some(by) => println!("{mutant:?}: {by:.100}; {others} others before"),
            None => alive.push((mutant, others)),
        }
    }
    assert!(alive.is_empty(), "not caught by what should catch it, but so often by something else: {alive:?}");
}

#[test]
fn every_planted_bug_is_caught_by_what_it_breaks() {
    caught(0);
}

#[test]
fn every_other_planted_bug_is_caught_by_what_it_breaks() {
    caught(1);
}
