//! Who gets how much of a tight budget.

/// One part that wants room.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Claim {
    /// Tokens of all of it.
    pub(crate) need: u32,
    /// The share of the whole room that it gets before anybody gets more, in percent.
    pub(crate) floor: u32,
    /// Whether a part of it is of use.
    pub(crate) divisible: bool,
}

/// Grants to each claim, most useful first, as much of `room` as it may take. Floors come first, so that one overlong
/// file cannot push out everything that is a little less useful; the rest goes by usefulness.
pub(crate) fn grant(room: u32, claims: &[Claim]) -> Vec<u32> {
    let mut left = room;
    let mut grants: Vec<u32> = Vec::with_capacity(claims.len());
    for claim in claims {
        let floor = u64::from(room) * u64::from(claim.floor) / 100;
        let granted = claim.need.min(left).min(u32::try_from(floor).unwrap_or(u32::MAX));
        left -= granted;
        grants.push(granted);
    }
    for (claim, granted) in claims.iter().zip(&mut grants) {
        let missing = claim.need - *granted;
        if missing <= left || claim.divisible {
            let more = missing.min(left);
            *granted += more;
            left -= more;
        }
    }
    grants
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(need: u32, floor: u32, divisible: bool) -> Claim {
        Claim { need, floor, divisible }
    }

    #[test]
    fn the_least_useful_gives_way_first() {
        let claims = [claim(50, 30, true), claim(40, 20, true), claim(20, 0, false)];
        assert_eq!(grant(200, &claims), [50, 40, 20]);
        assert_eq!(grant(100, &claims), [50, 40, 0]);
        assert_eq!(grant(70, &claims), [50, 20, 0]);
        assert_eq!(grant(0, &claims), [0, 0, 0]);
    }

    #[test]
    fn one_overlong_part_leaves_the_others_their_floor() {
        assert_eq!(grant(100, &[claim(1_000, 30, true), claim(1_000, 20, true), claim(10, 0, false)]), [80, 20, 0]);
    }

    #[test]
    fn a_smaller_document_may_fit_where_a_larger_one_does_not() {
        assert_eq!(grant(50, &[claim(60, 0, false), claim(40, 0, false)]), [0, 40]);
    }
}
