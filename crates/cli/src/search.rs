//! `twin search`.

use crate::output::{Output, remark};
use crate::session::speaker;
use crate::{Failed, Order, Search};
use twin_app::App;
use twin_core::find::{FindHit, FindOrder, FindQuery};

pub(crate) async fn run(app: &App, search: Search, output: &Output) -> Result<(), Failed> {
    let Search { query, session, from, before, limit, order, audience, json } = search;
    let order = match order {
        Order::Newest => FindOrder::Newest,
        Order::Best => FindOrder::Best,
        Order::Oldest => FindOrder::Oldest,
    };
    let query = FindQuery { text: query, audience, session, role: None, from, before, order, limit };
    let found = app.message_find(query).await?;
    if json {
        output.json(&found);
        return Ok(());
    }
    if found.hits.is_empty() {
        output.line("Nothing was found.");
    }
    for hit in &found.hits {
        output.line(&row(hit));
    }
    if found.more {
        remark("There is more: raise --limit, or look for more words.");
    }
    Ok(())
}

fn row(hit: &FindHit) -> String {
    let FindHit { session_id, session_title, archived, created_at, role, snippet, .. } = hit;
    let archived = if *archived { "  (archived)" } else { "" };
    let text: String = snippet.iter().map(|piece| piece.text.as_str()).collect();
    format!("{session_id}  {created_at}  {session_title}{archived}\n    {}: {text}", speaker(*role))
}
