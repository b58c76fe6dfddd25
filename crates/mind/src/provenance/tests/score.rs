//! A hundred planted facts, and answers that use, change and invent them.

use super::*;

const KNOWN: &str = include_str!("fixture/known.txt");
/// The words lists and thresholds were made while looking at these.
const ANSWERS: &str = include_str!("fixture/answers.txt");
/// These were written afterwards, and looked at only to count.
const KEPT_ASIDE: &str = include_str!("fixture/kept_aside.txt");

/// What is planted: the persona, the memories and messages, and where each fact stands.
struct Planted {
    persona: Persona,
    passages: Vec<Passage>,
    said: Vec<Said>,
    sources: BTreeMap<u32, Source>,
}

fn planted() -> Planted {
    let mut facts = vec!["{".to_owned(), r#""full_name": "Maren Quist","#.to_owned(), r#""name": "Maren""#.to_owned()];
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut passages, mut said, mut sources) = (Vec::new(), Vec::new(), BTreeMap::new());
    let at = Timestamp::from_millis(1_790_000_000_000);
    for line in KNOWN.lines() {
        let mut fields = line.splitn(3, ' ');
        let mut field = || fields.next().unwrap();
        let (id, place, text) = (field().parse::<u32>().unwrap(), field(), field());
        let (kind, name) = place.split_once(':').unwrap_or((place, ""));
        let source = match kind {
            "fact" => {
                facts.last_mut().unwrap().push(',');
                facts.push(format!("{:?}: {text:?}", name.replace('.', " ")));
                Source::File { path: "facts.json".to_owned(), line: u32::try_from(facts.len()).unwrap() }
            }
            "memory" => Source::Memory {
                id: uuid(id).parse().unwrap(),
                memory: MemoryKind::Semantic,
                teller: Teller::Owner,
                audience: Audience::Owner,
                at,
            },
            "message" => Source::Message {
                session_id: SessionId::new(at),
                message_id: uuid(id).parse().unwrap(),
                session_title: "Earlier".to_owned(),
                role: Role::User,
                audience: Audience::Owner,
                at,
            },
            _ => {
                let path = match kind {
                    "summary" => "summary.md".to_owned(),
                    "private" => format!("private/{name}.md"),
                    _ => format!("documents/{name}.md"),
                };
                let lines = files.entry(path.clone()).or_default();
                lines.push(text.to_owned());
                Source::File { path, line: u32::try_from(lines.len()).unwrap() }
            }
        };
        match kind {
            "memory" => passages.push(Passage {
                text: text.to_owned(),
                source: source.clone(),
                score: 1.0,
                signals: Vec::new(),
            }),
            "message" => said.push(Said { text: text.to_owned(), source: source.clone() }),
            _ => {}
        }
        sources.insert(id, source);
    }
    facts.push("}".to_owned());
    let mut all = vec![("facts.json".to_owned(), facts.join("\n"))];
    all.extend(files.into_iter().map(|(path, lines)| (path, lines.join("\n"))));
    let all: Vec<(&str, &str)> = all.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let persona = persona(&all);
    assert_eq!(persona.problems(), []);
    Planted { persona, passages, said, sources }
}

fn uuid(number: u32) -> String {
    format!("00000000-0000-7000-8000-{number:012x}")
}

/// What is expected of a stretch of an answer: the fact that it uses, or none for a guess.
struct Expected {
    start: usize,
    end: usize,
    fact: Option<u32>,
}

/// An answer without the annotations, and what they say.
fn annotated(text: &str) -> (String, Vec<Expected>) {
    let (mut answer, mut expected) = (String::new(), Vec::new());
    for piece in text.split('⟦') {
        let Some((inside, after)) = piece.split_once('⟧') else {
            answer.push_str(piece);
            continue;
        };
        let (fact, words) = inside.split_once(": ").unwrap();
        let start = answer.len();
        answer.push_str(words);
        expected.push(Expected { start, end: answer.len(), fact: fact.parse().ok() });
        answer.push_str(after);
    }
    (answer, expected)
}

/// Bytes of the text before so many UTF-16 units.
fn byte(text: &str, units: u32) -> usize {
    let mut left = units as usize;
    for (at, character) in text.char_indices() {
        if left == 0 {
            return at;
        }
        left -= character.len_utf16();
    }
    text.len()
}

#[derive(Debug, Default)]
struct Score {
    right: u32,
    wrong: u32,
    missed: u32,
}

impl Score {
    fn precision(&self) -> f64 {
        f64::from(self.right) / f64::from(self.right + self.wrong)
    }

    fn recall(&self) -> f64 {
        f64::from(self.right) / f64::from(self.right + self.missed)
    }
}

/// How the marks of these answers do: those with sources, and the guesses.
fn score(answers: &str) -> (Score, Score) {
    let planted = planted();
    assert_eq!(planted.sources.len(), 100);
    let (mut sourced, mut guessed) = (Score::default(), Score::default());
    for block in answers.split("=== ").skip(1) {
        let (question, text) = block.split_once('\n').unwrap();
        let (answer, expected) = annotated(text);
        let Planted { persona, passages, said, .. } = &planted;
        let basis = Basis { persona, audience: Audience::Owner, passages, said, question };
        let found = claims(&answer, &basis);
        let mut seen = vec![false; expected.len()];
        for claim in &found {
            let (start, end) = (byte(&answer, claim.start), byte(&answer, claim.end));
            let overlap = |one: &Expected| one.end.min(end).saturating_sub(one.start.max(start));
            let best =
                (0..expected.len()).max_by_key(|at| overlap(&expected[*at])).filter(|at| overlap(&expected[*at]) > 0);
            let fact = best.map(|at| expected[at].fact);
            let is_right = match (claim.grounds.first(), fact) {
                (Some(first), Some(Some(fact))) => first.source == planted.sources[&fact],
                (None, Some(None)) => true,
                _ => false,
            };
            let score = if claim.grounds.is_empty() { &mut guessed } else { &mut sourced };
            if is_right && best.is_some_and(|at| !std::mem::replace(&mut seen[at], true)) {
                score.right += 1;
            } else if !is_right {
                score.wrong += 1;
                let grounds: Vec<&str> = claim.grounds.iter().map(|ground| ground.text.as_str()).collect();
                println!("WRONG {:?} for {fact:?}: {grounds:?}", &answer[start..end]);
            }
        }
        for (expected, _) in expected.iter().zip(seen).filter(|(_, seen)| !seen) {
            println!("MISSED {:?} {:?}", expected.fact, &answer[expected.start..expected.end]);
            let score = if expected.fact.is_some() { &mut sourced } else { &mut guessed };
            score.missed += 1;
        }
    }
    println!(
        "sourced {:.3} {:.3}, guesses {:.3} {:.3}",
        sourced.precision(),
        sourced.recall(),
        guessed.precision(),
        guessed.recall()
    );
    (sourced, guessed)
}

#[test]
fn a_hundred_planted_facts_are_found_and_what_is_changed_or_invented_is_a_guess() {
    let (sourced, guessed) = score(ANSWERS);
    assert!(sourced.precision() >= 0.98 && sourced.recall() >= 0.94, "{sourced:?}");
    assert!(guessed.precision() >= 0.92 && guessed.recall() >= 0.96, "{guessed:?}");
}

#[test]
fn answers_that_nothing_was_tuned_on_do_nearly_as_well() {
    let (sourced, guessed) = score(KEPT_ASIDE);
    assert!(sourced.precision() >= 0.96 && sourced.recall() >= 0.92, "{sourced:?}");
    assert!(guessed.precision() >= 0.85 && guessed.recall() >= 0.93, "{guessed:?}");
}
