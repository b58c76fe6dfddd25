//! `twin session …`.

use crate::output::{Output, complain, remark};
use crate::{Failed, Format, SessionCommand, archive};
use serde::Serialize;
use std::collections::HashMap;
use std::path::PathBuf;
use twin_app::App;
use twin_app::session::SessionFormat;
use twin_core::chat::{Audience, Message, MessageStatus, Role, Session, SessionChange};
use twin_core::id::{MessageId, SessionId};

pub(crate) async fn run(app: &App, command: SessionCommand, output: &Output) -> Result<(), Failed> {
    match command {
        SessionCommand::List { archived, tag, json } => {
            let mut sessions = app.session_list(None).await?;
            sessions.retain(|session| {
                session.archived == archived && tag.as_ref().is_none_or(|tag| session.tags.contains(tag))
            });
            sessions.sort_by_key(|session| !session.pinned);
            if json {
                output.json(&sessions);
            } else if sessions.is_empty() && (archived || tag.is_some()) {
                output.line("There is no such conversation.");
            } else if sessions.is_empty() {
                output.line("No conversations yet. Begin one: twin chat \"Hello\"");
            } else {
                for session in &sessions {
                    output.line(&summary(session));
                }
            }
        }
        SessionCommand::Show { id, json } => show(app, id, json, output).await?,
        SessionCommand::Rename { id, title, json } => {
            app.session_rename(id, &title).await?;
            tell(app, id, json, output).await?;
        }
        SessionCommand::Pin { id, off, json } => {
            change(app, id, SessionChange::Pinned { pinned: !off }, json, output).await?;
        }
        SessionCommand::Archive { id, off, json } => {
            change(app, id, SessionChange::Archived { archived: !off }, json, output).await?;
        }
        SessionCommand::Tag { id, tag, off, json } => {
            change(app, id, SessionChange::Tagged { tag, tagged: !off }, json, output).await?;
        }
        SessionCommand::Delete { id, json } => {
            app.session_change(vec![id], SessionChange::Deleted { deleted: true }).await?;
            if json {
                output.json(&serde_json::json!({ "deleted": id }));
            } else {
                output.line(&format!("Deleted {id}."));
            }
        }
        SessionCommand::Export { ids, format, output: file } => export(app, ids, format, file, output).await?,
        SessionCommand::Import { files, json } => {
            let mut failed = false;
            let mut imported = Vec::new();
            for file in &files {
                match app.session_import_seed(file).await {
                    Ok(one) => {
                        if !json {
                            output.line(&format!(
                                "{}  {} ({} new messages)",
                                one.session_id,
                                word(&one.outcome),
                                one.new_messages
                            ));
                        }
                        imported.push(one);
                    }
                    // One bad file never stops the rest.
                    Err(mut error) => {
                        failed = true;
                        error.message = format!("{}: {}", file.display(), error.message);
                        complain(&error);
                    }
                }
            }
            if json {
                output.json(&imported);
            }
            if failed {
                return Err(Failed::Told);
            }
        }
    }
    Ok(())
}

async fn export(
    app: &App,
    ids: Vec<SessionId>,
    format: Format,
    file: Option<PathBuf>,
    output: &Output,
) -> Result<(), Failed> {
    let format = match format {
        Format::Seed => SessionFormat::Seed,
        Format::Json => SessionFormat::Json,
        Format::Markdown => SessionFormat::Markdown,
        Format::Html => SessionFormat::Html,
        Format::Text => SessionFormat::Text,
    };
    match (ids.as_slice(), file) {
        ([id], None) => output.text(&app.session_document(*id, format).await?),
        (_, None) => {
            remark("error: several conversations need a file\n       Name it with --output FILE.zip.");
            return Err(Failed::Told);
        }
        (_, Some(file)) => {
            archive::refuse_to_replace(&file)?;
            let job = archive::job();
            if !archive::follow(&job, app.session_export(ids, format, &file, job.clone())).await? {
                remark("Called off; no file was written.");
                return Err(Failed::Told);
            }
            output.line(&file.display().to_string());
        }
    }
    Ok(())
}

async fn change(app: &App, id: SessionId, change: SessionChange, json: bool, output: &Output) -> Result<(), Failed> {
    app.session_change(vec![id], change).await?;
    tell(app, id, json, output).await
}

/// A session as it is now.
async fn tell(app: &App, id: SessionId, json: bool, output: &Output) -> Result<(), Failed> {
    let session = app.session_get(id).await?;
    if json {
        output.json(&session);
    } else {
        output.line(&summary(&session));
    }
    Ok(())
}

async fn show(app: &App, id: SessionId, json: bool, output: &Output) -> Result<(), Failed> {
    let session = app.session_get(id).await?;
    let messages = app.session_messages(id).await?;
    if json {
        output.json(&serde_json::json!({ "session": session, "messages": messages }));
        return Ok(());
    }
    output.line(&summary(&session));
    for message in branch(&session, &messages) {
        let state = match message.status {
            MessageStatus::Complete => String::new(),
            status => format!(" ({})", word(&status)),
        };
        output.line(&format!("\n{} · {}{state}", speaker(message.role), message.created_at));
        output.line(&message.content);
    }
    Ok(())
}

/// Root to head or, where that is not to be seen, to the newest.
fn branch<'a>(session: &Session, messages: &'a [Message]) -> Vec<&'a Message> {
    let mut path = Vec::new();
    let mut by_id: HashMap<MessageId, &Message> = messages.iter().map(|message| (message.id, message)).collect();
    let newest = || messages.iter().rfind(|message| message.status != MessageStatus::Streaming);
    let head = session.head.filter(|head| by_id.contains_key(head));
    let mut next = head.or_else(|| newest().map(|message| message.id));
    while let Some(message) = next.and_then(|id| by_id.remove(&id)) {
        path.push(message);
        next = message.parent_id;
    }
    path.reverse();
    path
}

fn summary(session: &Session) -> String {
    let marks = [
        (session.audience == Audience::Visitor, "  (visitor)"),
        (session.pinned, "  (pinned)"),
        (session.archived, "  (archived)"),
    ];
    let marks: String = marks.iter().filter(|(is_so, _)| *is_so).map(|(_, mark)| *mark).collect();
    let tags = session.tags.iter().map(|tag| format!("  [{tag}]")).collect::<Vec<_>>().concat();
    format!("{}  {}  {}{marks}{tags}", session.id, session.updated_at, session.title)
}

pub(crate) fn speaker(role: Role) -> &'static str {
    match role {
        Role::User => "you",
        Role::Assistant => "twin",
    }
}

/// The wire name of a variant, for the eye.
pub(crate) fn word(variant: &impl Serialize) -> String {
    serde_json::to_value(variant).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
