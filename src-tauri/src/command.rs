//! The commands of the window: each takes its arguments, makes one call of the application and gives the answer.

pub(crate) mod archive;
pub(crate) mod encryption;
pub(crate) mod memory;
pub(crate) mod sync;

use crate::door::Door;
use crate::gather::gathered;
use crate::window::MAIN;
use serde::Serialize;
use std::path::PathBuf;
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager as _, State, WebviewWindow};
use tauri_plugin_dialog::DialogExt as _;
use twin_app::App;
use twin_app::attachment::StagedAttachment;
use twin_app::chat::SendRequest;
use twin_app::credential::{Credentials, CredentialsView, KeyOf};
use twin_app::error::WireError;
use twin_app::link::{self, LinkView};
use twin_app::model::{EmbedderTest, Server};
use twin_app::persona::{self, PersonaText, PersonaView, Problem};
use twin_app::task;
use twin_app::usage::PriceView;
use twin_core::catalogue::{AwsIdentity, AwsProfile, Catalogue, FoundServer, ModelEntry, Preset, SignIn, TestEvent};
use twin_core::chat::{Audience, PathPage, PathPlace, Session, SessionChange};
use twin_core::error::{Code, Failure};
use twin_core::event::ReplyEvent;
use twin_core::find::{FindQuery, Found};
use twin_core::id::{AttachmentId, MessageId, SessionId};
use twin_core::model::ModelRef;
use twin_core::report::{Claim, ContextReport};
use twin_core::settings::{EmbedderChoice, Settings};
use twin_core::time::Timestamp;
use twin_core::usage::{MonthUsage, Spend};

type Answer<T> = Result<T, WireError>;

/// What the window needs to draw its first picture.
#[derive(Debug, Serialize, specta::Type)]
pub(crate) struct Bootstrap {
    version: String,
    home: String,
    settings: Settings,
    persona: PersonaView,
    /// Why the home could not be opened; then the rest is empty.
    trouble: Option<WireError>,
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn bootstrap(window: AppHandle, door: State<'_, Door>) -> Answer<Bootstrap> {
    let (settings, persona, trouble) = match door.app(&window).await {
        Ok(app) => (app.settings(), app.persona_view(), None),
        Err(error) => (Settings::default(), persona::nobody(), Some(error)),
    };
    Ok(Bootstrap {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        home: door.paths().home().display().to_string(),
        settings,
        persona,
        trouble,
    })
}

/// The page says that a person could type now. Whoever measures that waits for a file.
#[tauri::command]
#[specta::specta]
pub(crate) async fn window_ready(window: WebviewWindow, door: State<'_, Door>) -> Answer<()> {
    // What the quick window finds may be in the hand of the main one.
    if window.label() == MAIN {
        door.mark_usable();
        let app = door.app(window.app_handle()).await?;
        app.attachment_discard_all();
        app.import_drop_end().await?;
        let paths = door.paths().clone();
        task::blocking(move || App::session_drag_end(&paths)).await??;
    }
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn session_list(window: AppHandle, door: State<'_, Door>, audience: Audience) -> Answer<Vec<Session>> {
    door.app(&window).await?.session_list(Some(audience)).await
}

/// `count` messages at most.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session_path(
    window: AppHandle,
    door: State<'_, Door>,
    session_id: SessionId,
    place: PathPlace,
    count: u32,
) -> Answer<PathPage> {
    door.app(&window).await?.session_path(session_id, place, count).await
}

/// Shows the branch that a message is on, to its newest end.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session_show(
    window: AppHandle,
    door: State<'_, Door>,
    session_id: SessionId,
    message_id: MessageId,
) -> Answer<()> {
    door.app(&window).await?.session_show(session_id, message_id).await
}

/// To all of them or to none.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session_change(
    window: AppHandle,
    door: State<'_, Door>,
    session_ids: Vec<SessionId>,
    change: SessionChange,
) -> Answer<()> {
    door.app(&window).await?.session_change(session_ids, change).await
}

/// A copy of the branch up to that message, as a session of its own.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session_fork(
    window: AppHandle,
    door: State<'_, Door>,
    session_id: SessionId,
    message_id: MessageId,
) -> Answer<Session> {
    door.app(&window).await?.session_fork(session_id, message_id).await
}

/// Gives up a temporary session with everything in it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session_close(window: AppHandle, door: State<'_, Door>, session_id: SessionId) -> Answer<()> {
    door.app(&window).await?.session_close(session_id).await
}

/// Deletes a message with all that follows it, or brings them back.
#[tauri::command]
#[specta::specta]
pub(crate) async fn branch_delete(
    window: AppHandle,
    door: State<'_, Door>,
    session_id: SessionId,
    message_id: MessageId,
    deleted: bool,
) -> Answer<()> {
    door.app(&window).await?.branch_delete(session_id, message_id, deleted).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn message_find(window: AppHandle, door: State<'_, Door>, query: FindQuery) -> Answer<Found> {
    door.app(&window).await?.message_find(query).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn session_rename(
    window: AppHandle,
    door: State<'_, Door>,
    session_id: SessionId,
    title: String,
) -> Answer<()> {
    door.app(&window).await?.session_rename(session_id, &title).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn chat_send(
    window: AppHandle,
    door: State<'_, Door>,
    request: SendRequest,
    events: Channel<ReplyEvent>,
) -> Answer<()> {
    let app = door.app(&window).await?;
    gathered(|sink| app.chat_send(request, sink), to(events)).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn chat_regenerate(
    window: AppHandle,
    door: State<'_, Door>,
    session_id: SessionId,
    message_id: MessageId,
    model: Option<ModelRef>,
    as_of: Option<Timestamp>,
    events: Channel<ReplyEvent>,
) -> Answer<()> {
    let app = door.app(&window).await?;
    gathered(|sink| app.chat_regenerate(session_id, message_id, model, as_of, sink), to(events)).await
}

fn to(events: Channel<ReplyEvent>) -> impl FnMut(ReplyEvent) {
    move |event| {
        // A page that was closed or loaded again does not listen any more; the reply is finished all the same.
        if let Err(error) = events.send(event) {
            tracing::debug!(%error, "a part of a reply did not reach the window");
        }
    }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn chat_stop(window: AppHandle, door: State<'_, Door>, session_id: SessionId) -> Answer<()> {
    door.app(&window).await?.chat_stop(session_id);
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn session_set_model(
    window: AppHandle,
    door: State<'_, Door>,
    session_id: SessionId,
    model: Option<ModelRef>,
) -> Answer<()> {
    door.app(&window).await?.session_set_model(session_id, model).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn attachment_add(
    window: AppHandle,
    door: State<'_, Door>,
    name: String,
    data: String,
) -> Answer<StagedAttachment> {
    door.app(&window).await?.attachment_add(name, data).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn attachment_discard(window: AppHandle, door: State<'_, Door>, id: AttachmentId) -> Answer<()> {
    door.app(&window).await?.attachment_discard(id);
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn attachment_data(window: AppHandle, door: State<'_, Door>, sha256: String) -> Answer<String> {
    door.app(&window).await?.attachment_data(sha256).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn attachment_leave_out(
    window: AppHandle,
    door: State<'_, Door>,
    session_id: SessionId,
    message_id: MessageId,
    attachment_id: AttachmentId,
    left_out: bool,
) -> Answer<()> {
    door.app(&window).await?.attachment_leave_out(session_id, message_id, attachment_id, left_out).await
}

/// Leaves out every file that would be sent with that question.
#[tauri::command]
#[specta::specta]
pub(crate) async fn attachment_leave_out_all(
    window: AppHandle,
    door: State<'_, Door>,
    session_id: SessionId,
    message_id: MessageId,
) -> Answer<()> {
    door.app(&window).await?.attachment_leave_out_all(session_id, message_id).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn context_report(
    window: AppHandle,
    door: State<'_, Door>,
    message_id: MessageId,
) -> Answer<Option<ContextReport>> {
    door.app(&window).await?.context_report(message_id).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn context_claims(
    window: AppHandle,
    door: State<'_, Door>,
    message_id: MessageId,
) -> Answer<Vec<Claim>> {
    door.app(&window).await?.context_claims(message_id).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn persona_view(window: AppHandle, door: State<'_, Door>) -> Answer<PersonaView> {
    Ok(door.app(&window).await?.persona_view())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn persona_read(window: AppHandle, door: State<'_, Door>, path: String) -> Answer<PersonaText> {
    door.app(&window).await?.persona_read(path).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn persona_check(
    window: AppHandle,
    door: State<'_, Door>,
    path: String,
    text: String,
) -> Answer<Vec<Problem>> {
    Ok(door.app(&window).await?.persona_check(&path, &text))
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn persona_save(
    window: AppHandle,
    door: State<'_, Door>,
    path: String,
    text: String,
    fingerprint: Option<String>,
) -> Answer<PersonaText> {
    door.app(&window).await?.persona_save(path, text, fingerprint).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn persona_template(window: AppHandle, door: State<'_, Door>, path: String) -> Answer<String> {
    door.app(&window).await?.persona_template(&path)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn persona_open_folder(window: AppHandle, door: State<'_, Door>) -> Answer<()> {
    let folder = door.app(&window).await?.persona_folder();
    open_outside(folder.into_os_string()).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn persona_set_folder(
    window: AppHandle,
    door: State<'_, Door>,
    folder: Option<String>,
) -> Answer<PersonaView> {
    door.app(&window).await?.persona_set_folder(folder).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn persona_choose_folder(window: AppHandle) -> Answer<Option<String>> {
    let chosen = task::blocking(move || window.dialog().file().blocking_pick_folder()).await?;
    let folder: Option<PathBuf> = chosen.and_then(|folder| folder.into_path().ok());
    Ok(folder.map(|folder| folder.display().to_string()))
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn settings_save(window: AppHandle, door: State<'_, Door>, settings: Settings) -> Answer<Settings> {
    door.app(&window).await?.settings_save(settings).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn credentials_save(
    window: AppHandle,
    door: State<'_, Door>,
    credentials: Credentials,
) -> Answer<CredentialsView> {
    door.app(&window).await?.credentials_save(credentials).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn credentials_forget(
    window: AppHandle,
    door: State<'_, Door>,
    key: KeyOf,
) -> Answer<CredentialsView> {
    door.app(&window).await?.credentials_forget(key).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn credentials_view(window: AppHandle, door: State<'_, Door>) -> Answer<CredentialsView> {
    door.app(&window).await?.credentials_view().await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn model_catalogue(window: AppHandle, door: State<'_, Door>, refresh: bool) -> Answer<Catalogue> {
    door.app(&window).await?.model_catalogue(refresh).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn model_forget_typed(window: AppHandle, door: State<'_, Door>, model: ModelRef) -> Answer<Settings> {
    door.app(&window).await?.model_forget_typed(&model).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn lessons_forget(window: AppHandle, door: State<'_, Door>) -> Answer<()> {
    door.app(&window).await?.lessons_forget().await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn server_presets() -> Answer<&'static [Preset]> {
    Ok(twin_app::model::presets())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn server_find() -> Answer<Vec<FoundServer>> {
    Ok(twin_app::model::server_find().await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn server_models(window: AppHandle, door: State<'_, Door>, server: Server) -> Answer<Vec<ModelEntry>> {
    door.app(&window).await?.server_models(server).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn embedder_test(
    window: AppHandle,
    door: State<'_, Door>,
    choice: EmbedderChoice,
) -> Answer<EmbedderTest> {
    door.app(&window).await?.embedder_test(choice).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn aws_profiles() -> Answer<Vec<AwsProfile>> {
    twin_app::aws::profiles().await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn aws_identity(window: AppHandle, door: State<'_, Door>) -> Answer<AwsIdentity> {
    door.app(&window).await?.aws_identity().await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn aws_policy(window: AppHandle, door: State<'_, Door>) -> Answer<String> {
    door.app(&window).await?.aws_policy().await
}

/// Tells where to go, opens that page, and returns when the person has signed in there.
#[tauri::command]
#[specta::specta]
pub(crate) async fn aws_sign_in(
    window: AppHandle,
    door: State<'_, Door>,
    profile: String,
    events: Channel<SignIn>,
) -> Answer<()> {
    let app = door.app(&window).await?;
    let pending = app.aws_sign_in(&profile).await?;
    let shown = pending.shown();
    let url = shown.url.clone();
    if let Err(error) = events.send(shown) {
        tracing::debug!(%error, "the sign-in page was not shown in the window");
    }
    open_outside(link::inspect(&url)?.url.into()).await?;
    app.aws_sign_in_finish(pending).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn aws_sign_in_cancel(window: AppHandle, door: State<'_, Door>) -> Answer<()> {
    door.app(&window).await?.aws_sign_in_cancel();
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn bedrock_test(
    window: AppHandle,
    door: State<'_, Door>,
    model: Option<ModelRef>,
    events: Channel<TestEvent>,
) -> Answer<()> {
    let tell = move |event| {
        if let Err(error) = events.send(event) {
            tracing::debug!(%error, "a step of the test did not reach the window");
        }
    };
    door.app(&window).await?.bedrock_test(model, tell).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn usage_session(window: AppHandle, door: State<'_, Door>, session_id: SessionId) -> Answer<Spend> {
    door.app(&window).await?.usage_session(session_id).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn usage_months(window: AppHandle, door: State<'_, Door>) -> Answer<Vec<MonthUsage>> {
    door.app(&window).await?.usage_months().await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn price_view(window: AppHandle, door: State<'_, Door>) -> Answer<PriceView> {
    door.app(&window).await?.price_view().await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn price_open(window: AppHandle, door: State<'_, Door>) -> Answer<()> {
    let file = door.app(&window).await?.price_file().await?;
    open_outside(file.into_os_string()).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn link_inspect(url: String) -> Answer<LinkView> {
    link::inspect(&url)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn link_open(url: String) -> Answer<()> {
    open_outside(link::inspect(&url)?.url.into()).await
}

/// Hands something to the desktop's own program for it.
async fn open_outside(target: std::ffi::OsString) -> Answer<()> {
    let opened = task::blocking(move || open::that_detached(target)).await?;
    opened.map_err(|_| {
        Failure::permanent(
            Code::Internal,
            "the desktop has no program that opens this",
            "Install xdg-utils, or open it by hand.",
        )
        .into()
    })
}
