//! `twin chat` and `twin context show`.

use crate::output::{Output, remark};
use crate::{Failed, Say};
use serde::Serialize;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;
use twin_app::App;
use twin_app::chat::SendRequest;
use twin_app::error::WireError;
use twin_core::chat::{Message, MessageStatus};
use twin_core::error::{Code, Failure};
use twin_core::event::ReplyEvent;
use twin_core::id::{MessageId, SessionId};
use twin_core::model::{Block, ModelRef};
use twin_core::report::{ContextReport, Note};

/// What `twin chat --json` prints.
#[derive(Serialize)]
struct Printed {
    session_id: SessionId,
    /// None if not a word of the reply arrived; the message is in the session all the same.
    message_id: Option<MessageId>,
    reply: String,
    status: Option<MessageStatus>,
    model: Option<ModelRef>,
    context: Option<ContextReport>,
    failure: Option<Failure>,
}

pub(crate) async fn chat(app: &App, say: Say, attach: &[PathBuf], output: &Output) -> Result<(), Failed> {
    let text = message(&say)?;
    let mut attachments = Vec::new();
    for file in attach {
        attachments.push(app.attachment_add_file(file).await?.attachment.id);
    }
    let request = SendRequest {
        session_id: say.session,
        audience: say.audience,
        text,
        parent_id: None,
        attachments,
        model: say.model.clone(),
        edits: None,
        temporary: false,
        as_of: None,
    };
    let (sender, mut events) = mpsc::unbounded_channel();
    let session: Arc<Mutex<Option<SessionId>>> = Arc::default();
    let sink = {
        let session = Arc::clone(&session);
        move |event: ReplyEvent| {
            if let ReplyEvent::Accepted { session_id, .. } = &event {
                *session.lock().unwrap_or_else(PoisonError::into_inner) = Some(*session_id);
            }
            // The receiver lives as long as this function.
            drop(sender.send(event));
        }
    };
    let stop = async {
        // Ctrl-C keeps what has arrived, as the Stop button does.
        while tokio::signal::ctrl_c().await.is_ok() {
            let session = *session.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(session) = session {
                app.chat_stop(session);
            }
        }
        std::future::pending::<()>().await;
    };
    let sending = app.chat_send(request, Arc::new(sink));
    let show = async {
        let mut end = None;
        while let Some(event) = events.recv().await {
            match event {
                ReplyEvent::Delta { text } if !say.json => output.text(&text),
                ReplyEvent::Waiting { seconds, failure, .. } => {
                    remark(&format!("{}; asking again in {seconds} s", failure.message));
                }
                ReplyEvent::Noted { note: Note::FellBack { from, failure } } => {
                    remark(&format!("{from} could not answer ({}); asking the next of the list", failure.message));
                }
                ReplyEvent::Done { message } => end = Some((Some(message), None)),
                ReplyEvent::Failed { message, failure, .. } => end = Some((message, Some(failure))),
                _ => {}
            }
        }
        end
    };
    let ended = tokio::select! {
        (sent, end) = async { tokio::join!(sending, show) } => { sent?; end }
        () = stop => None,
    };
    let (reply, failure) = ended.unwrap_or_default();
    let session = *session.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(session) = session.filter(|_| say.json) {
        print(app, session, reply, failure.clone(), output).await?;
    } else if reply.is_some_and(|reply| !reply.content.ends_with('\n')) {
        output.text("\n");
    }
    match failure {
        None => Ok(()),
        Some(failure) => Err(WireError::from(failure).into()),
    }
}

async fn print(
    app: &App,
    session_id: SessionId,
    reply: Option<Message>,
    failure: Option<Failure>,
    output: &Output,
) -> Result<(), Failed> {
    let message_id = reply.as_ref().map(|reply| reply.id);
    let context = match message_id {
        Some(id) => app.context_report(id).await?,
        None => None,
    };
    let (reply, status, model) =
        reply.map_or_else(Default::default, |reply| (reply.content, Some(reply.status), reply.model));
    output.json(&Printed { session_id, message_id, reply, status, model, context, failure });
    Ok(())
}

pub(crate) async fn context(app: &App, say: Say, output: &Output) -> Result<(), Failed> {
    let text = message(&say)?;
    let built = app.context_preview(say.session, say.audience, &text, say.model).await?;
    let turns: Vec<_> = built
        .request
        .turns
        .iter()
        .map(|turn| {
            let text: Vec<_> = turn
                .content
                .iter()
                .filter_map(|block| if let Block::Text(text) = block { Some(text.as_str()) } else { None })
                .collect();
            (turn.role, text.join("\n"))
        })
        .collect();
    if say.json {
        let system: Vec<_> = built
            .request
            .system
            .iter()
            .map(|part| serde_json::json!({ "text": part.text, "cache_point": part.cache_point }))
            .collect();
        let turns: Vec<_> =
            turns.iter().map(|(role, text)| serde_json::json!({ "role": role, "text": text })).collect();
        output.json(&serde_json::json!({ "system": system, "turns": turns, "report": built.report }));
        return Ok(());
    }
    for part in &built.request.system {
        output.line(&part.text);
        if part.cache_point {
            output.line("--- cache point ---");
        }
    }
    for (role, text) in turns {
        output.line(&format!("--- {} ---\n{text}", crate::session::speaker(role)));
    }
    output.line("--- report ---");
    for part in &built.report.parts {
        output.line(&format!("{:>7}  {:<10} {}", part.tokens, crate::session::word(&part.fate), part.name));
    }
    output.line(&format!(
        "{:>7}  of {} tokens, {}",
        built.report.estimated_tokens, built.report.budget_tokens, built.report.estimate_method
    ));
    Ok(())
}

fn message(say: &Say) -> Result<String, Failed> {
    if say.message != "-" {
        return Ok(say.message.clone());
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|_| {
        WireError::from(Failure::permanent(
            Code::InvalidInput,
            "standard input is not text",
            "Pipe UTF-8 text into the command.",
        ))
    })?;
    Ok(text.trim_end().to_owned())
}
