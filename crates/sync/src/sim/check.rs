//! What must hold.

use super::device::{Device, Disk, MARK, said};
use super::world::{FORGED, World};
use crate::keyring::Keyring;
use crate::order::AHEAD;
use crate::segment::{self, Segment};
use std::collections::{BTreeMap, BTreeSet};
use twin_core::sync::{Entry, Keep, Span};

/// Bytes of a segment before its nonce, and the nonce.
const NONCE: std::ops::Range<usize> = 82..106;

/// Before a device keeps something.
pub(super) fn before_keeping(world: &World, at: usize, keep: &Keep) -> Result<(), String> {
    let device = &world.devices[at];
    let keyring = world.ring(&device.disk.keyring).ok_or("a keyring that nobody opens")?;
    match keep {
        Keep::Keyring(bytes) => {
            let newer = world.ring(bytes).ok_or("a keyring that nobody opens")?;
            if newer.generation() < keyring.generation() {
                return Err("a keyring was replaced by an older one".to_owned());
            }
        }
        Keep::Outgoing(outgoing) if segment::epoch(&outgoing.bytes) != Ok(keyring.newest_epoch()) => {
            return Err("I14: sealed under an old epoch".to_owned());
        }
        Keep::Received { span, entries, .. } => {
            if !keyring.accepts(span.device, span.number) {
                return Err("I14: a removed device's segment was believed".to_owned());
            }
            known_first(&device.disk, entries)?;
        }
        _ => {}
    }
    Ok(())
}

/// I5, and that nobody believes a stranger.
fn known_first(disk: &Disk, entries: &[Entry]) -> Result<(), String> {
    for entry in entries {
        if said(&entry.content).is_some_and(|(id, _)| id == FORGED) {
            return Err("I13: a forged record was believed".to_owned());
        }
        for (device, seq) in &entry.seen {
            if !disk.log.contains_key(&(*device, *seq)) {
                return Err("I5: a record came before one that its device had seen".to_owned());
            }
        }
    }
    Ok(())
}

/// I12.
pub(super) fn nothing_vanished(before: &BTreeSet<u64>, disk: &Disk) -> Result<(), String> {
    let after = disk.ids();
    match before.iter().find(|id| !after.contains(id) && !disk.forgotten.contains(id)) {
        Some(id) => Err(format!("I12: record {id} vanished")),
        None => Ok(()),
    }
}

/// After the world came to rest.
pub(super) fn converged(world: &World) -> Result<(), String> {
    let newest = world.devices.last().ok_or("no device")?;
    let dump = newest.disk.dump();
    for device in world.devices.iter().filter(|device| !device.removed) {
        let own = device.disk.dump();
        if own != dump {
            let differs = own.lines().zip(dump.lines()).find(|(own, other)| own != other);
            return Err(format!(
                "I3: devices differ: {differs:?}, {} and {} lines, {:?}",
                own.lines().count(),
                dump.lines().count(),
                newest.alarms
            ));
        }
    }
    let live = newest.disk.ids();
    for id in &world.acknowledged {
        if !live.contains(id) && !newest.disk.forgotten.contains(id) {
            return Err(format!("I1, I2, I4: record {id} was acknowledged and is lost"));
        }
    }
    order(world, &newest.disk)?;
    replayed(&newest.disk)?;
    secrets(world)?;
    forgotten(world, newest)?;
    written_once(world, newest)?;
    removed(world)?;
    let ring = world.ring(&newest.disk.keyring).ok_or("a keyring that nobody opens")?;
    if ring.devices().iter().any(|device| device.sequences.len() != 1 && !world.forked.contains(&device.verifying)) {
        return Err("a device took a new id without need".to_owned());
    }
    Ok(())
}

/// Seen means before, and nobody stands years ahead.
fn order(world: &World, disk: &Disk) -> Result<(), String> {
    for (at, row) in &disk.log {
        let Some(order) = row.order else { return Err("a record was never sent".to_owned()) };
        // Clamped ones are counted up by one another, within their millisecond.
        if order.wall > world.now + AHEAD {
            return Err("a clock that runs ahead decides for years".to_owned());
        }
        let before = at.1.checked_sub(1).map(|seq| (at.0, seq));
        let seen = row.seen.heads.iter().map(|(device, seq)| (*device, *seq)).chain(before);
        for other in seen {
            if disk.log.get(&other).and_then(|other| other.order).is_some_and(|other| other >= order) {
                return Err("a record stands before one that its device had seen".to_owned());
            }
        }
    }
    Ok(())
}

/// I6: everything once more, backwards.
fn replayed(disk: &Disk) -> Result<(), String> {
    let mut again = disk.clone();
    for span in disk.spans.values().rev() {
        let rows = disk.log.range((span.device, span.first)..=(span.device, span.last));
        let entries = rows.map(|(at, row)| Entry {
            device: at.0,
            seq: at.1,
            hlc: row.hlc,
            order: row.order.unwrap_or_default(),
            seen: row.seen.heads.clone(),
            content: row.content.clone(),
        });
        let chain = disk.chains.get(&span.device).copied().unwrap_or_default();
        again.keep(Keep::Received { span: *span, chain, entries: entries.collect(), amended: false });
    }
    if again.dump() == disk.dump() { Ok(()) } else { Err("I6: a replay changed something".to_owned()) }
}

/// I7, and that no nonce is used twice.
fn secrets(world: &World) -> Result<(), String> {
    let mut nonces: BTreeMap<&[u8], &[u8]> = BTreeMap::new();
    for (name, bytes, put_id) in &world.bucket.history {
        let open = |part: &[u8]| part.windows(MARK.len()).any(|window| window == MARK.as_bytes());
        if open(name.as_bytes()) || open(bytes) || open(put_id.as_bytes()) {
            return Err(format!("I7: {name} can be read by anybody"));
        }
        if name.contains("/s/")
            && let Some(nonce) = bytes.get(NONCE)
            && nonces.insert(nonce, bytes).is_some_and(|other| other != bytes)
        {
            return Err("a nonce was used twice".to_owned());
        }
    }
    Ok(())
}

/// I8, in every version of every object.
fn forgotten(world: &World, newest: &Device) -> Result<(), String> {
    let keyring = Keyring::open(&newest.disk.keyring, &newest.keys).map_err(|error| format!("{error}"))?;
    for span in newest.disk.spans.values() {
        let name = crate::name::segment(keyring.vault(), span.device, span.number);
        for version in world.bucket.objects.get(&name).into_iter().flatten() {
            let segment = Segment::open_again(&version.bytes, span, &keyring)
                .map_err(|error| format!("I13: a segment that was read cannot be read again: {error}"))?;
            if segment.entries().iter().any(|entry| newest.disk.is_forgotten(&entry.content)) {
                return Err("I8: the bucket still has what was forgotten".to_owned());
            }
        }
    }
    for device in world.devices.iter().filter(|device| !device.removed) {
        if device.disk.log.values().any(|row| newest.disk.is_forgotten(&row.content)) {
            return Err("I8: a disk still has what was forgotten".to_owned());
        }
    }
    Ok(())
}

/// I9: whatever was ever put under the name of a segment says the same, less what was forgotten.
fn written_once(world: &World, newest: &Device) -> Result<(), String> {
    let keyring = world.ring(&newest.disk.keyring).ok_or("a keyring that nobody opens")?;
    let spans = newest.disk.spans.values();
    let spans: BTreeMap<String, &Span> =
        spans.map(|span| (crate::name::segment(keyring.vault(), span.device, span.number), span)).collect();
    for (name, bytes, _) in &world.bucket.history {
        if let Some(span) = spans.get(name)
            && let Err(error) = Segment::open_again(bytes, span, &keyring)
        {
            return Err(format!("I9: {name} was written with two contents: {error}"));
        }
    }
    Ok(())
}

/// I14.
fn removed(world: &World) -> Result<(), String> {
    for device in world.devices.iter().filter(|device| device.removed) {
        let newest = world.bucket.objects.iter().find(|(name, _)| name.ends_with("/keyring"));
        let newest = newest.and_then(|(_, versions)| versions.last()).ok_or("the keyring is gone")?;
        if Keyring::open(&newest.bytes, &device.keys).is_ok() {
            return Err("I14: a removed device opens the keyring".to_owned());
        }
    }
    Ok(())
}
