//! The bad world, and the bugs that it has to catch.

use twin_sync::mutant::Mutant;
use twin_sync::sim::run;

#[test]
fn nothing_is_lost_in_two_hundred_bad_worlds() {
    // Two halves at once: each world is of one thread.
    let half = |seeds: std::ops::Range<u64>| seeds.filter_map(|seed| run(seed, None).err()).collect::<Vec<_>>();
    let broken = std::thread::scope(|scope| {
        let first = scope.spawn(|| half(0..100));
        let mut broken = half(100..200);
        broken.extend(first.join().unwrap());
        broken
    });
    assert!(broken.is_empty(), "{} of 200:\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn the_same_seed_is_the_same_world() {
    for seed in [3, 77, 401] {
        assert_eq!(run(seed, None).unwrap(), run(seed, None).unwrap());
    }
}

#[test]
fn every_planted_bug_is_caught() {
    let mut alive = Vec::new();
    for mutant in Mutant::ALL {
        match (0..300).find_map(|seed| run(seed, Some(mutant)).err()) {
            Some(caught) => println!("{mutant:?}: {caught}"),
            None => alive.push(mutant),
        }
    }
    assert!(alive.is_empty(), "not caught: {alive:?}");
}
