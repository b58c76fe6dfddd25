//! What models cost: a file that the user can edit, with a date and a source, and the sums made from it.
//!
//! US dollars for a million tokens, in JSON:
//!
//! ```json
//! {
//!   "as_of": "2026-10-05",
//!   "source": "https://aws.amazon.com/bedrock/pricing/",
//!   "models": [
//!     { "match": "claude-sonnet-4-6", "provider": "bedrock", "input": 3.3, "output": 16.5, "cache_read": 0.33 }
//!   ]
//! }
//! ```
//!
//! A row may have a date and a source of its own. What has no row has no price: nothing is guessed.
//!
//! List prices, and therefore estimates. Bedrock's are those of its regions in the eastern United States: elsewhere the
//! models that are not Anthropic's may cost about a fifth more. What some models charge for very long prompts, for a
//! service tier or for a cache that lasts longer than five minutes is not represented.

use crate::model::{ModelRef, Provider, Usage};
use jiff::civil::Date;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// The file as it comes with the program: public list prices on demand, each row with its source.
pub const DEFAULT: &str = include_str!("prices.json");

/// Every price that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceFile {
    /// The day on which the file was last gone through.
    pub as_of: Date,
    /// Where most of it comes from: an address.
    pub source: String,
    prices: Vec<Price>,
}

/// What one model costs, in US dollars for a million tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    name: String,
    provider: Option<Provider>,
    /// Prompt tokens that a cache had no part in.
    pub input: f64,
    /// Tokens of the answer.
    pub output: f64,
    /// Prompt tokens read from a cache; as dear as `input` where the file does not say, which is never too little.
    pub cache_read: f64,
    /// Prompt tokens written to a cache; as dear as `input` where the file does not say. Providers that charge more
    /// for it name a price.
    pub cache_write: f64,
    /// The day on which the source said so.
    pub as_of: Date,
    /// Where it says so: an address.
    pub source: String,
}

/// Why a price file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PriceProblem {
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl PriceFile {
    /// Reads a price file. A name that is not known is a mistake and not passed over: a price under a misspelt name
    /// would otherwise silently count as missing.
    pub fn parse(text: &str) -> Result<Self, PriceProblem> {
        let file: File = serde_json::from_str(text).map_err(|error| problem(&error))?;
        let price = |row: Row| Price {
            name: row.name.0,
            provider: row.provider,
            input: row.input.0,
            output: row.output.0,
            cache_read: row.cache_read.unwrap_or(row.input).0,
            cache_write: row.cache_write.unwrap_or(row.input).0,
            as_of: row.as_of.unwrap_or(file.as_of),
            source: row.source.unwrap_or_else(|| file.source.clone()),
        };
        let prices = file.models.into_iter().map(price).collect();
        Ok(Self { as_of: file.as_of, source: file.source, prices })
    }

    /// The price of a model: of the rows that name it, the one with the longest name, so that `global.` before a name
    /// can have a price of its own; of two with the same name, the one for its provider.
    pub fn price(&self, model: &ModelRef) -> Option<&Price> {
        let id = model.id.to_lowercase();
        self.prices
            .iter()
            .filter(|price| price.provider.is_none_or(|provider| provider == model.provider))
            .filter(|price| names(&price.name, &id))
            .max_by_key(|price| (price.name.len(), price.provider.is_some()))
    }
}

impl Price {
    /// US dollars for so many tokens. The four kinds are charged apart: `input` holds none of the cached ones.
    pub fn cost(&self, usage: &Usage) -> f64 {
        let kinds = [
            (usage.input, self.input),
            (usage.output, self.output),
            (usage.cache_read, self.cache_read),
            (usage.cache_write, self.cache_write),
        ];
        kinds.into_iter().map(|(tokens, dollars)| f64::from(tokens) * dollars).sum::<f64>() / 1_000_000.0
    }
}

/// Whether the name stands in the id with nothing after it but a version, and as a word of its own. So geographies and
/// versions need no rows, and a sister model (`gpt-4o-mini` beside `gpt-4o`) is not taken for the one that has a price.
fn names(name: &str, id: &str) -> bool {
    id.match_indices(name).any(|(at, _)| {
        let begins = !id[..at].ends_with(char::is_alphanumeric);
        begins && is_version(&id[at + name.len()..])
    })
}

/// `-20250929-v1:0`, `-2024-08-06`, `-latest`, `:0`, or nothing.
fn is_version(rest: &str) -> bool {
    rest.is_empty()
        || rest == "-latest"
        || (["-v", "-20", ":"].iter().any(|start| rest.starts_with(start))
            && rest.chars().all(|character| character.is_ascii_digit() || "-:vk".contains(character)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    as_of: Date,
    source: String,
    models: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    #[serde(rename = "match")]
    name: Name,
    provider: Option<Provider>,
    input: Dollars,
    output: Dollars,
    cache_read: Option<Dollars>,
    cache_write: Option<Dollars>,
    as_of: Option<Date>,
    source: Option<String>,
}

/// Part of a model's id, in lower case. An empty one would be part of every id.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?.trim().to_lowercase();
        if name.is_empty() { Err(D::Error::custom("`match` is empty")) } else { Ok(Self(name)) }
    }
}

#[derive(Clone, Copy)]
struct Dollars(f64);

impl<'de> Deserialize<'de> for Dollars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let dollars = f64::deserialize(deserializer)?;
        if dollars < 0.0 { Err(D::Error::custom("a price is below zero")) } else { Ok(Self(dollars)) }
    }
}

fn problem(error: &serde_json::Error) -> PriceProblem {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).max(1);
    let hint = match error.classify() {
        serde_json::error::Category::Data => {
            "a row needs match, input and output; prices are US dollars for a million tokens, dates YYYY-MM-DD"
        }
        _ => "look for a comma, a quotation mark or a bracket that is missing or too much just before this place",
    };
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    PriceProblem {
        line: number(error.line()),
        column: number(error.column()),
        message: message.to_owned(),
        hint: hint.to_owned(),
    }
}

#[cfg(test)]
mod tests;
