//! Commands about what is remembered.

use super::Answer;
use crate::door::Door;
use tauri::{AppHandle, State};
use twin_core::chat::Audience;
use twin_core::id::{MemoryId, PersonId, SessionId};
use twin_core::memory::{
    ForgetReach, ForgetScope, Memory, MemoryDetail, MemoryKind, MemoryNotice, MemoryPage, MemoryQuery, MemoryStats,
    Person, PersonRow, Receipt, Unsent,
};
use twin_core::report::Passage;
use twin_core::time::Timestamp;

#[tauri::command]
#[specta::specta]
pub(crate) async fn memory_list(window: AppHandle, door: State<'_, Door>, query: MemoryQuery) -> Answer<MemoryPage> {
    door.app(&window).await?.memory_list(query).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn memory_get(window: AppHandle, door: State<'_, Door>, id: MemoryId) -> Answer<MemoryDetail> {
    door.app(&window).await?.memory_get(id).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn memory_search(
    window: AppHandle,
    door: State<'_, Door>,
    query: String,
    audience: Audience,
    as_of: Option<Timestamp>,
    limit: u32,
) -> Answer<Vec<Passage>> {
    door.app(&window).await?.memory_search(&query, audience, as_of, limit).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn memory_stats(window: AppHandle, door: State<'_, Door>) -> Answer<MemoryStats> {
    door.app(&window).await?.memory_stats().await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn memory_add(
    window: AppHandle,
    door: State<'_, Door>,
    kind: MemoryKind,
    text: String,
    audience: Audience,
) -> Answer<Memory> {
    door.app(&window).await?.memory_add(kind, &text, audience).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn memory_correct(
    window: AppHandle,
    door: State<'_, Door>,
    id: MemoryId,
    text: String,
    was_wrong: bool,
) -> Answer<Memory> {
    door.app(&window).await?.memory_correct(id, &text, was_wrong).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn memory_retract(
    window: AppHandle,
    door: State<'_, Door>,
    id: MemoryId,
    retracted: bool,
) -> Answer<()> {
    door.app(&window).await?.memory_retract(id, retracted).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn memory_undo(window: AppHandle, door: State<'_, Door>, id: MemoryId, undone: bool) -> Answer<()> {
    door.app(&window).await?.memory_undo(id, undone).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn memory_pin(window: AppHandle, door: State<'_, Door>, id: MemoryId, pinned: bool) -> Answer<()> {
    door.app(&window).await?.memory_pin(id, pinned).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn memory_share(
    window: AppHandle,
    door: State<'_, Door>,
    id: MemoryId,
    audience: Audience,
) -> Answer<()> {
    door.app(&window).await?.memory_share(id, audience).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn memory_settle(
    window: AppHandle,
    door: State<'_, Door>,
    keep: MemoryId,
    others: Vec<MemoryId>,
    same: bool,
) -> Answer<()> {
    door.app(&window).await?.memory_settle(keep, others, same).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn memory_notices(
    window: AppHandle,
    door: State<'_, Door>,
    session_id: SessionId,
) -> Answer<Vec<MemoryNotice>> {
    door.app(&window).await?.memory_notices(session_id).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn person_list(window: AppHandle, door: State<'_, Door>) -> Answer<Vec<PersonRow>> {
    door.app(&window).await?.person_list().await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn person_change(window: AppHandle, door: State<'_, Door>, person: Person) -> Answer<()> {
    door.app(&window).await?.person_change(person).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn person_merge(
    window: AppHandle,
    door: State<'_, Door>,
    id: PersonId,
    into: Option<PersonId>,
) -> Answer<()> {
    door.app(&window).await?.person_merge(id, into).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn forget_plan(window: AppHandle, door: State<'_, Door>, scope: ForgetScope) -> Answer<ForgetReach> {
    door.app(&window).await?.forget_plan(scope).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn forget_drafts(
    window: AppHandle,
    door: State<'_, Door>,
    scope: ForgetScope,
    drafts: Vec<Unsent>,
) -> Answer<Vec<u32>> {
    door.app(&window).await?.forget_drafts(scope, drafts).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn forget(window: AppHandle, door: State<'_, Door>, scope: ForgetScope) -> Answer<Receipt> {
    door.app(&window).await?.forget(scope).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn forget_receipts(window: AppHandle, door: State<'_, Door>) -> Answer<Vec<Receipt>> {
    door.app(&window).await?.forget_receipts().await
}
