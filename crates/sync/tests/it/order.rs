//! The one order: total, the same for everybody, and it agrees with who saw what.

use crate::keyring::device;
use proptest::prelude::*;
use twin_core::sync::{Heads, Seen};
use twin_core::time::{Hlc, Timestamp};
use twin_sync::order::{AHEAD, Stamp, after, place};

fn hlc() -> impl Strategy<Value = Hlc> {
    // Few values, so that ties come about; and the ends of what can be written.
    let wall = prop_oneof![0_i64..3, Just(i64::MIN), Just(i64::MAX)];
    let counter = prop_oneof![0_u32..3, Just(u32::MAX)];
    (wall, counter).prop_map(|(wall, counter)| Hlc { wall, counter })
}

fn stamp() -> impl Strategy<Value = Stamp> {
    (hlc(), 0_u128..3, 0_u64..3).prop_map(|(order, number, seq)| Stamp { order, device: device(number), seq })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn of_two_records_exactly_one_wins_and_winning_is_transitive(one in stamp(), two in stamp(), three in stamp()) {
        prop_assert_eq!(u8::from(one.wins(&two)) + u8::from(two.wins(&one)), u8::from(one != two));
        if one.wins(&two) && two.wins(&three) {
            prop_assert!(one.wins(&three));
        }
        let mut folded = [one, two, three];
        folded.sort();
        let mut other_way = [three, one, two];
        other_way.sort();
        prop_assert_eq!(folded, other_way);
    }

    #[test]
    fn an_edit_that_had_seen_the_other_always_wins(
        clocks in (hlc(), hlc()),
        references in (prop::option::of(-2_i64..2), prop::option::of(-2_i64..2)),
        same in any::<bool>(),
    ) {
        // No place is after the last one that can be written: that clock stands at the year 292,278,994.
        prop_assume!(clocks.0.wall < i64::MAX || references.0.is_some());
        let reference = |at: Option<i64>| at.map(|at| Timestamp::from_millis(at * AHEAD));
        let first = place(clocks.0, &Seen::default(), Hlc::default(), reference(references.0));
        let writer = if same { 1 } else { 2 };
        let heads = if same { Heads::new() } else { Heads::from([(device(1), 1)]) };
        let previous = if same { first } else { Hlc::default() };
        let seen = Seen { heads, order: if same { Hlc::default() } else { first } };
        let second = place(clocks.1, &seen, previous, reference(references.1));
        let first = Stamp { order: first, device: device(1), seq: 1 };
        let second = Stamp { order: second, device: device(writer), seq: 2 };
        prop_assert!(second.wins(&first));
    }

    #[test]
    fn a_clock_that_runs_ahead_stands_at_most_a_day_ahead(claimed in any::<i64>(), now in 0_i64..4_000_000_000_000) {
        let clock = Hlc { wall: claimed, counter: 7 };
        let given = place(clock, &Seen::default(), Hlc::default(), Some(Timestamp::from_millis(now)));
        prop_assert!(given.wall <= now + AHEAD);
        if (0..=now + AHEAD).contains(&claimed) {
            prop_assert_eq!(given, clock.max(after(Hlc::default())));
        }
    }

    #[test]
    fn the_next_place_is_after(order in hlc()) {
        prop_assume!(order != Hlc { wall: i64::MAX, counter: u32::MAX });
        prop_assert!(after(order) > order);
    }
}
