use super::*;

const ROWS: &str = r#"{
  "as_of": "2026-10-05",
  "source": "https://example.org/prices",
  "models": [
    { "match": "Acme.Claude-Sonnet-4-5", "provider": "bedrock", "input": 3.3, "output": 16.5, "cache_read": 0.33, "cache_write": 4.125 },
    { "match": "global.acme.claude-sonnet-4-5", "provider": "bedrock", "input": 3, "output": 15 },
    { "match": "gpt-4o", "input": 2.5, "output": 10, "as_of": "2026-01-31", "source": "https://example.org/other" },
    { "match": "gpt-4o", "provider": "bedrock", "input": 9, "output": 9 }
  ]
}"#;

fn rows() -> PriceFile {
    PriceFile::parse(ROWS).unwrap()
}

fn input_price(file: &PriceFile, model: &str) -> Option<f64> {
    file.price(&model.parse().unwrap()).map(|price| price.input)
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

#[test]
fn geographies_and_versions_need_no_rows_of_their_own() {
    let rows = rows();
    for id in [
        "bedrock:acme.claude-sonnet-4-5",
        "bedrock:acme.claude-sonnet-4-5-20250929-v1:0",
        "bedrock:eu.acme.claude-sonnet-4-5-20250929-v1:0",
        "bedrock:arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.acme.claude-sonnet-4-5-20250929-v1:0",
        "bedrock:acme.claude-sonnet-4-5-v1:0:200k",
    ] {
        assert_eq!(input_price(&rows, id), Some(3.3), "{id}");
    }
    assert_eq!(input_price(&rows, "bedrock:global.acme.claude-sonnet-4-5-20250929-v1:0"), Some(3.0));
    assert_eq!(input_price(&rows, "openai:gpt-4o-2024-08-06"), Some(2.5));
    assert_eq!(input_price(&rows, "bedrock:gpt-4o"), Some(9.0), "the row for the provider goes first");
}

#[test]
fn a_model_without_a_row_has_no_price() {
    let rows = rows();
    for id in [
        "offline",
        "bedrock:acme.claude-sonnet-4-5-5",
        "bedrock:acme.claude-sonnet-4",
        "bedrock:macme.claude-sonnet-4-5",
        "openai:acme.claude-sonnet-4-5",
        "openai:gpt-4o-mini",
        "openai:gpt-4o:free",
        "bedrock:arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abcdefghijkl",
    ] {
        assert_eq!(input_price(&rows, id), None, "{id}");
    }
}

#[test]
fn cached_tokens_are_not_charged_twice() {
    let rows = rows();
    let price = rows.price(&ModelRef::bedrock("acme.claude-sonnet-4-5")).unwrap();
    let usage = Usage { input: 1_000, output: 2_000, cache_read: 100_000, cache_write: 10_000 };
    let dollars = price.cost(&usage);
    // Each of the 111,000 prompt tokens once: 0.0033 + 0.033 + 0.033 + 0.04125.
    assert!(close(dollars, 0.11055), "{dollars}");
    assert!(close(price.cost(&Usage { input: 1_000_000, ..Usage::default() }), 3.3));
}

#[test]
fn without_prices_for_the_cache_its_tokens_cost_like_others() {
    let rows = rows();
    let price = rows.price(&ModelRef::bedrock("global.acme.claude-sonnet-4-5")).unwrap();
    assert!(close(price.cost(&Usage { cache_read: 1_000_000, ..Usage::default() }), 3.0));
    assert!(close(price.cost(&Usage { cache_write: 1_000_000, ..Usage::default() }), 3.0));
}

#[test]
fn a_price_says_since_when_and_where_it_is_from() {
    let rows = rows();
    let said = |id: &str| rows.price(&id.parse().unwrap()).map(|price| (price.as_of.to_string(), price.source.clone()));
    assert_eq!(
        said("bedrock:acme.claude-sonnet-4-5"),
        Some(("2026-10-05".to_owned(), "https://example.org/prices".to_owned()))
    );
    assert_eq!(said("openai:gpt-4o"), Some(("2026-01-31".to_owned(), "https://example.org/other".to_owned())));
}

#[test]
fn a_mistake_is_told_with_its_place() {
    let wrong = |from: &str, to: &str| PriceFile::parse(&ROWS.replacen(from, to, 1)).unwrap_err();
    for (from, to, line, message) in [
        (r#""input": 3.3,"#, r#""input": 3.3"#, 5, "expected `,`"),
        (r#""input": 3.3,"#, r#""input": -1,"#, 5, "below zero"),
        (r#""input": 3.3,"#, r#""input": "3.3","#, 5, "expected f64"),
        (r#""cache_read""#, r#""cached""#, 5, "unknown field `cached`"),
        (r#""Acme.Claude-Sonnet-4-5""#, r#"" ""#, 5, "`match` is empty"),
        (r#""output": 15 }"#, "}", 6, "trailing comma"),
        (r#""2026-01-31""#, r#""31.1.2026""#, 7, "year"),
    ] {
        let problem = wrong(from, to);
        assert_eq!(problem.line, line, "{problem:?}");
        assert!(problem.message.contains(message) && !problem.message.contains(" at line "), "{problem:?}");
        assert!(problem.column > 1 && !problem.hint.is_empty(), "{problem:?}");
    }
    let empty = PriceFile::parse("").unwrap_err();
    assert_eq!((empty.line, empty.column), (1, 1));
}

#[test]
fn the_prices_that_come_with_the_program_can_be_read() {
    let file = PriceFile::parse(DEFAULT).unwrap();
    for price in &file.prices {
        assert!(price.source.starts_with("https://"), "{price:?}");
        assert!(price.input > 0.0 && price.output > 0.0, "{price:?}");
        assert!(price.cache_read <= price.input, "{price:?}");
        let twins = file.prices.iter().filter(|other| (&other.name, other.provider) == (&price.name, price.provider));
        assert_eq!(twins.count(), 1, "{price:?}");
    }
    // A model of one generation is never taken for one of another.
    assert_ne!(
        input_price(&file, "bedrock:eu.anthropic.claude-sonnet-5-5"),
        input_price(&file, "bedrock:eu.anthropic.claude-sonnet-4-5-20250929-v1:0")
    );
    assert_eq!(input_price(&file, "bedrock:eu.anthropic.claude-sonnet-5-9"), None);
}
