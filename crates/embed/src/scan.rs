//! The nearest of many vectors, in two passes. The first reads one bit of each number, so that a million vectors are
//! 48 MB that lie in memory; the second compares the few that are left in 8 bits, which may lie on disk until then.
//!
//! The question keeps four bits of its numbers in the first pass (Gao and Long, "RaBitQ", SIGMOD 2024): for four counts
//! instead of one, many fewer candidates have to be read to miss as little.

#![expect(clippy::inline_always, reason = "what is not inlined is compiled for any processor")]

use crate::vector::Vector;
use pulp::{Arch, Simd, WithSimd};

/// Vectors that are scored before the best are looked at: their scores stay in the cache next to the core.
const TOGETHER: usize = 1024;
/// Fewer vectors are looked through by one thread in less time than another takes to begin and to be waited for.
const A_THREAD: usize = 200_000;
const MOST_THREADS: usize = 4;
/// What the bits of a number from -8 to 7 are worth.
const WORTH: [i32; 4] = [1, 2, 4, -8];

/// The question's numbers, bit by bit: as many words each as a vector's signs have.
type Planes = [Vec<u64>; WORTH.len()];
/// Finds out how far each vector lies from the question: the negated sum of the question's numbers where the vector's are
/// positive.
type Measure = fn(&Planes, &[u64], &mut [i32; TOGETHER]);

/// What the first pass needs of a vector: which of its numbers are above zero, 64 in a word, the first in the lowest bit.
/// What is left of the last word is empty.
pub fn signs(vector: &Vector) -> Vec<u64> {
    bits(vector, |value| value > 0)
}

fn bits(vector: &Vector, is_set: impl Fn(i8) -> bool) -> Vec<u64> {
    let word = |values: &[i8]| {
        values.iter().zip(0..).fold(0, |bits, (value, place)| bits | u64::from(is_set(*value)) << place)
    };
    vector.values.chunks(64).map(word).collect()
}

/// The first pass: places in `all` of the `many` that may be nearest to `query`, likeliest first. `all` holds the
/// [`signs`] of vectors of the same length as the question's, one behind the other.
pub fn likely(query: &Vector, all: &[u64], many: usize) -> Vec<usize> {
    likely_by(query, all, many, A_THREAD)
}

/// As [`likely`], with at least so many vectors a thread.
fn likely_by(query: &Vector, all: &[u64], many: usize, a_thread: usize) -> Vec<usize> {
    let planes = WORTH.map(|worth| bits(query, |value| coarse(value) & worth.abs() != 0));
    let words = planes[0].len().max(1);
    let vectors = all.len() / words;
    let threads = (vectors / a_thread).clamp(1, MOST_THREADS);
    let share = vectors.div_ceil(threads).next_multiple_of(TOGETHER).max(TOGETHER);
    let parts = all[..vectors * words].chunks(share * words);
    let mut found = vec![Vec::new(); parts.len()];
    std::thread::scope(|scope| {
        let mut work = found.iter_mut().zip(parts).zip((0..).step_by(share));
        // The first one's work is done here.
        let own = work.next();
        for ((found, part), first) in work {
            let planes = &planes;
            scope.spawn(move || *found = head(planes, part, many, first));
        }
        if let Some(((found, part), first)) = own {
            *found = head(&planes, part, many, first);
        }
    });
    // Cost and place; of equal costs the earlier place wins.
    let mut best = found.concat();
    best.sort_unstable();
    best.truncate(many);
    best.into_iter().map(|(_, place)| place).collect()
}

/// The `many` likeliest of a part and a few others, with their costs. Its first vector has the place `first`.
fn head(planes: &Planes, part: &[u64], many: usize, first: usize) -> Vec<(i32, usize)> {
    let words = planes[0].len().max(1);
    let measure = measure(words);
    let mut best: Vec<(i32, usize)> = Vec::new();
    let mut bar = i32::MAX;
    let mut costs = [0; TOGETHER];
    for (signs, first) in part.chunks(TOGETHER * words).zip((first..).step_by(TOGETHER)) {
        measure(planes, signs, &mut costs);
        best.extend(costs.into_iter().zip(first..).take(signs.len() / words).filter(|(cost, _)| *cost < bar));
        if best.len() > 2 * many + TOGETHER {
            best.select_nth_unstable(many);
            bar = best[many].0;
            best.truncate(many);
        }
    }
    best
}

/// The number in four bits, from -7 to 7, in two's complement.
fn coarse(value: i8) -> i32 {
    (i32::from(value) * 7 + 63 * i32::from(value.signum())) / 127
}

/// A loop whose length the compiler knows takes a fraction of the time, so the lengths that models have are compiled
/// each; others take the plain one.
fn measure(words: usize) -> Measure {
    match words {
        4 => sized::<4>,
        6 => sized::<6>,
        8 => sized::<8>,
        12 => sized::<12>,
        16 => sized::<16>,
        24 => sized::<24>,
        48 => sized::<48>,
        _ => |planes, all, costs| Arch::new().dispatch(AnyCost { planes, all, costs }),
    }
}

fn sized<const WORDS: usize>(planes: &Planes, all: &[u64], costs: &mut [i32; TOGETHER]) {
    let planes = planes.each_ref().map(|plane| &plane.as_chunks().0[0]);
    Arch::new().dispatch(Cost::<WORDS> { planes, all: all.as_chunks().0, costs });
}

struct Cost<'a, const WORDS: usize> {
    planes: [&'a [u64; WORDS]; WORTH.len()],
    all: &'a [[u64; WORDS]],
    costs: &'a mut [i32; TOGETHER],
}

impl<const WORDS: usize> WithSimd for Cost<'_, WORDS> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (signs, cost) in self.all.iter().zip(self.costs) {
            *cost = self.planes.into_iter().zip(WORTH).map(|(plane, worth)| -worth * common(plane, signs)).sum();
        }
    }
}

struct AnyCost<'a> {
    planes: &'a Planes,
    all: &'a [u64],
    costs: &'a mut [i32; TOGETHER],
}

impl WithSimd for AnyCost<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let words = self.planes[0].len().max(1);
        for (signs, cost) in self.all.chunks_exact(words).zip(self.costs) {
            *cost = self.planes.iter().zip(WORTH).map(|(plane, worth)| -worth * common(plane, signs)).sum();
        }
    }
}

/// Bits that are set in both.
#[inline(always)]
fn common(plane: &[u64], signs: &[u64]) -> i32 {
    plane.iter().zip(signs).map(|(plane, signs)| (plane & signs).count_ones().cast_signed()).sum()
}

/// The second pass: the `many` nearest of the candidates with their cosines, nearest first.
pub fn nearest<'a>(
    query: &Vector,
    candidates: impl IntoIterator<Item = (usize, &'a Vector)>,
    many: usize,
) -> Vec<(usize, f32)> {
    let mut found: Vec<_> = candidates.into_iter().map(|(place, vector)| (place, query.dot(vector))).collect();
    found.sort_unstable_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    found.truncate(many);
    found
}

#[cfg(test)]
mod tests {
    use super::{AnyCost, TOGETHER, WORTH, bits, coarse, likely, likely_by, measure, nearest, signs};
    use crate::DIMENSIONS;
    use crate::vector::Vector;
    use proptest::prelude::*;
    use pulp::Arch;

    /// Directions that have nothing to do with each other.
    fn some(count: usize, seed: u64) -> Vec<Vector> {
        wide(count, DIMENSIONS, seed)
    }

    fn wide(count: usize, dimensions: usize, seed: u64) -> Vec<Vector> {
        let mut state = seed.wrapping_mul(2).wrapping_add(1);
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            f32::from((state >> 48).to_le_bytes()[0].cast_signed())
        };
        (0..count).map(|_| Vector::from_floats(&(0..dimensions).map(|_| next()).collect::<Vec<_>>())).collect()
    }

    fn all_signs(vectors: &[Vector]) -> Vec<u64> {
        vectors.iter().flat_map(signs).collect()
    }

    /// The second pass over everything.
    fn exactly(query: &Vector, all: &[Vector], many: usize) -> Vec<usize> {
        nearest(query, all.iter().enumerate(), many).into_iter().map(|(place, _)| place).collect()
    }

    #[test]
    fn the_query_keeps_four_bits() {
        assert_eq!([-127, -10, -9, 0, 9, 10, 127].map(coarse), [-7, -1, 0, 0, 0, 1, 7]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn several_threads_find_what_one_does(count in 0_usize..6_000, many in 0_usize..300, a_thread in 1_usize..3_000, seed: u64) {
            // The same ones again and again: many cost the same.
            let all = some(count / 3 + 1, seed);
            let bits: Vec<u64> = all.iter().cycle().take(count).flat_map(signs).collect();
            let found = likely_by(&all[0], &bits, many, a_thread);
            prop_assert_eq!(found, likely_by(&all[0], &bits, many, usize::MAX));
        }
    }

    #[test]
    fn what_is_nearest_comes_first_in_both_passes() {
        let all = some(5_000, 1);
        let bits = all_signs(&all);
        for place in [0, 1023, 1024, 4_999] {
            assert_eq!(likely(&all[place], &bits, 10)[0], place);
            assert_eq!(exactly(&all[place], &all, 10)[0], place);
        }
    }

    #[test]
    fn the_first_pass_misses_little() {
        let all = some(5_000, 2);
        let bits = all_signs(&all);
        let mut found = 0;
        for query in some(20, 3) {
            let likely = likely(&query, &bits, 500);
            found += exactly(&query, &all, 50).iter().filter(|place| likely.contains(place)).count();
        }
        assert!(found > 950, "{found} of 1000");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn the_first_pass_is_the_head_of_a_whole_sort(count in 0_usize..4_000, many in 0_usize..300, seed: u64) {
            let all = some(count + 1, seed);
            let bits = all_signs(&all[1..]);
            let whole = likely(&all[0], &bits, count);
            prop_assert_eq!(whole.len(), count);
            prop_assert_eq!(likely(&all[0], &bits, many), &whole[..many.min(count)]);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Of every length, also of those that no loop is compiled for.
        #[test]
        fn a_vector_is_nearest_to_itself_whatever_its_length(dimensions in 33_usize..800, count in 1_usize..40, seed: u64) {
            let all = wide(count, dimensions, seed);
            let bits = all_signs(&all);
            prop_assert_eq!(bits.len(), count * dimensions.div_ceil(64));
            for (place, vector) in all.iter().enumerate() {
                let found = likely(vector, &bits, count);
                prop_assert_eq!(found[0], place);
                prop_assert_eq!(found.len(), count);
            }
        }
    }

    #[test]
    fn a_loop_made_for_a_length_finds_what_the_plain_one_does() {
        for words in [4, 6, 8, 12, 16, 24, 48, 5] {
            let all = wide(21, words * 64, 7);
            let (query, bits_of_all) = (&all[0], all_signs(&all[1..]));
            let planes = WORTH.map(|worth| bits(query, |value| coarse(value) & worth.abs() != 0));
            let (mut costs, mut plain) = ([0; TOGETHER], [0; TOGETHER]);
            measure(words)(&planes, &bits_of_all, &mut costs);
            Arch::new().dispatch(AnyCost { planes: &planes, all: &bits_of_all, costs: &mut plain });
            assert_eq!(costs, plain, "{words} words");
            assert!(costs[..20].iter().any(|cost| *cost != 0), "{words} words");
        }
    }

    #[test]
    fn what_is_no_whole_vector_is_not_found() {
        let all = some(3, 4);
        let mut bits = all_signs(&all);
        bits.pop();
        assert_eq!(likely(&all[0], &bits, 10).len(), 2);
        assert_eq!(likely(&Vector { values: Box::new([]), scale: 1.0 }, &[], 10), Vec::<usize>::new());
    }

    #[test]
    fn a_vector_takes_what_the_decision_says() {
        let vector = &some(1, 1)[0];
        assert_eq!((signs(vector).len() * 8, vector.to_bytes().len()), (48, 388));
    }
}
