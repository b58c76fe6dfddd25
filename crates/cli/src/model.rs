//! `twin model …` and `twin usage`.

use crate::output::Output;
use crate::{Failed, ModelCommand};
use twin_app::App;
use twin_core::catalogue::{ModelEntry, TestEvent, TestStep};
use twin_core::usage::Spend;

pub(crate) async fn run(app: &App, command: ModelCommand, output: &Output) -> Result<(), Failed> {
    match command {
        ModelCommand::List { json } => list(app, json, output).await,
        ModelCommand::Test { model, json } => {
            let mut failed = false;
            let tell = |event: TestEvent| {
                failed |= matches!(event, TestEvent::Failed { .. });
                if json { output.json(&event) } else { step(&event, output) }
            };
            app.bedrock_test(model, tell).await?;
            if failed { Err(Failed::Told) } else { Ok(()) }
        }
        ModelCommand::Policy => {
            output.line(&app.aws_policy().await?);
            Ok(())
        }
    }
}

async fn list(app: &App, json: bool, output: &Output) -> Result<(), Failed> {
    let catalogue = app.model_catalogue(true).await?;
    if json {
        output.json(&catalogue);
        return Ok(());
    }
    for ModelEntry { model, name, routes, legacy, .. } in &catalogue.entries {
        let area = routes.iter().find(|route| route.id == model.id).map_or("", |route| route.area.as_str());
        let legacy = if *legacy { "legacy" } else { "" };
        output.line(format!("{model:<64} {name:<34} {area:<14} {legacy}").trim_end());
    }
    for problem in &catalogue.problems {
        let server = problem.server.as_deref().unwrap_or("bedrock");
        output.line(&format!("{server}: {}\n  → {}", problem.failure.message, problem.failure.hint));
    }
    Ok(())
}

fn step(event: &TestEvent, output: &Output) {
    let name = |step: &TestStep| match step {
        TestStep::Identity => "identity",
        TestStep::List => "list",
        TestStep::Invoke => "invoke",
    };
    match event {
        TestEvent::Started { .. } => {}
        TestEvent::Passed { step, detail } => output.line(&format!("ok      {:<9} {detail}", name(step))),
        TestEvent::Failed { step, failure, action } => {
            output.line(&format!("FAILED  {:<9} {}", name(step), failure.message));
            output.line(&format!("        {:<9} → {}", "", failure.hint));
            if let Some(action) = action {
                output.line(&format!("        {:<9} missing: {action}", ""));
            }
        }
    }
}

pub(crate) async fn usage(app: &App, json: bool, output: &Output) -> Result<(), Failed> {
    let months = app.usage_months().await?;
    if json {
        output.json(&months);
        return Ok(());
    }
    if months.is_empty() {
        output.line("Nothing was used yet.");
    }
    for month in &months {
        output.line(&row(&month.month, &month.total));
        for model in &month.models {
            output.line(&row(&format!("  {}", model.model), &model.spend));
        }
    }
    Ok(())
}

fn row(name: &str, spend: &Spend) -> String {
    let Spend { usage, dollars, answers, unpriced } = spend;
    let dollars = dollars.map_or("price unknown".to_owned(), |dollars| format!("${dollars:.4}"));
    let unpriced = match unpriced {
        0 => String::new(),
        _ if unpriced == answers => String::new(),
        _ => format!(" + {unpriced} answers of unknown price"),
    };
    format!(
        "{name:<60} {answers:>6} answers  {:>10} in  {:>10} out  {:>10} cache read  {:>10} cache write  {dollars}{unpriced}",
        usage.input, usage.output, usage.cache_read, usage.cache_write,
    )
}
