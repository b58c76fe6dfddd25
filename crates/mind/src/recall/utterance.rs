//! What somebody does with a sentence: greet, ask for something, or state something.

use super::sentence;
use super::term::words;

/// The kind of a whole message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Utterance {
    /// Nothing but a greeting.
    Greeting,
    /// A question or a request, perhaps among other things.
    Question,
    /// Something told.
    Statement,
}

/// Judges by the question mark and the first word, in English, German, Spanish, Chinese, Japanese and Korean.
pub(crate) fn kind(message: &str) -> Utterance {
    if sentence::blocks(message).iter().flat_map(|block| &block.sentences).any(|sentence| is_question(&sentence.text)) {
        Utterance::Question
    } else if words(message).iter().all(|word| is_opening(word)) {
        Utterance::Greeting
    } else {
        Utterance::Statement
    }
}

/// Whether one sentence asks for something.
pub(crate) fn is_question(sentence: &str) -> bool {
    let end =
        sentence.trim_end_matches(|character: char| character.is_whitespace() || "\"'”’»)*_!".contains(character));
    end.ends_with(['?', '？', '؟', '⁇'])
        || sentence.trim_start().starts_with('¿')
        || asks_openly(sentence)
        || is_inverted(sentence)
}

/// Whether a sentence asks for what it does not say: "Where is the van?", but not "Is the van behind the church?".
pub(crate) fn asks_openly(sentence: &str) -> bool {
    if has(include_str!("words/question_cjk.txt"), |word| sentence.contains(word)) {
        return true;
    }
    // "What a day" and "When I was young, …" do not ask.
    let states = |second: Option<&str>| second.is_some_and(|word| ["a", "an", "i", "ich"].contains(&word));
    match first_words(sentence) {
        (Some(first), second) => {
            is_in(include_str!("words/interrogative.txt"), &first) && !states(second.as_deref())
                || is_in(include_str!("words/request.txt"), &first)
        }
        (None, _) => false,
    }
}

/// "Is my …" asks; "Will is my brother" and "May 3rd is …" do not.
fn is_inverted(sentence: &str) -> bool {
    matches!(first_words(sentence), (Some(first), Some(second))
        if is_in(include_str!("words/auxiliary.txt"), &first) && is_in(include_str!("words/subject.txt"), &second))
}

/// The first two words after a greeting or "please".
fn first_words(sentence: &str) -> (Option<String>, Option<String>) {
    // "don't you" is cut into "don", "t", "you".
    let mut words = words(sentence).into_iter().filter(|word| word != "t").skip_while(|word| is_opening(word));
    (words.next(), words.next())
}

fn is_opening(word: &str) -> bool {
    is_in(include_str!("words/opening.txt"), word)
}

fn is_in(list: &'static str, word: &str) -> bool {
    has(list, |entry| entry == word)
}

fn has(list: &'static str, matches: impl FnMut(&str) -> bool) -> bool {
    list.split_whitespace().any(matches)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Hi!", Utterance::Greeting)]
    #[case("Good morning", Utterance::Greeting)]
    #[case("你好！", Utterance::Greeting)]
    #[case("Hi! My name is Fred and I love Python", Utterance::Statement)]
    #[case("When I was young, we had a goat.", Utterance::Statement)]
    #[case("Have a nice day", Utterance::Statement)]
    #[case("Will is my brother.", Utterance::Statement)]
    #[case("What a day!", Utterance::Statement)]
    #[case("Remember that my flight leaves at nine", Utterance::Statement)]
    #[case("Ich wohne in Köln.", Utterance::Statement)]
    #[case("What's my name and what do I love?", Utterance::Question)]
    #[case("hello, what is my name", Utterance::Question)]
    #[case("Please tell me about your work", Utterance::Question)]
    #[case("I moved house. Do you know where to?", Utterance::Question)]
    #[case("is my sister older", Utterance::Question)]
    #[case("Wo wohne ich", Utterance::Question)]
    #[case("¿Dónde vivo?", Utterance::Question)]
    #[case("我叫什么名字", Utterance::Question)]
    #[case("私の名前は何ですか", Utterance::Question)]
    #[case("she asked “why?”", Utterance::Question)]
    fn a_message_greets_asks_or_states(#[case] message: &str, #[case] expected: Utterance) {
        assert_eq!(kind(message), expected);
    }
}
