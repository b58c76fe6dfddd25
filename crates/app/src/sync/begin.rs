//! Beginning to sync, and leaving.

use super::membership::{read_keyring, replace_keyring, too_busy};
use super::place::{ask, put_if_absent, strange, take_away, unreachable_place};
use super::random::MachineRandom;
use super::turn::Turn;
use super::walk::{Pass, Vault};
use super::{S3Keys, SyncFound, SyncSecret, SyncSetup, Told, check_passphrase};
use crate::error::{WireError, internal, invalid};
use crate::{App, task};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, PoisonError};
use twin_core::bucket::{Bucket, Outcome, Request};
use twin_core::error::{Code, Failure};
use twin_core::event::Event;
use twin_core::id::DeviceId;
use twin_core::port::Random as _;
use twin_core::secret::Secret;
use twin_core::settings::{S3Credentials, SyncPlace, SyncSettings};
use twin_core::sync::{Keep, hex};
use twin_core::time::Hlc;
use twin_sync::key::{DeviceKeys, VaultId};
use twin_sync::keyring::{Keyring, NewDevice, Work};
use twin_sync::probe::Conditions;
use twin_sync::round::{Ended, Input, Round, Step};
use twin_sync::{name, recovery};

/// More characters than a person gives a machine.
const MAX_NAME_CHARS: usize = 60;
/// How often another device may be faster than this one that joins.
const MOST_TRIES: u32 = 8;
/// What is kept in the keychain for a moment, to see whether it can be.
const TRIAL: &str = "sync-trial";
/// Pages that are looked through for vaults. Each vault takes one, however much is in it.
const MOST_PAGES: u32 = 100;

impl App {
    /// Makes sure that the place can be reached, written to, and honours conditions, and that keys can be kept here; lists
    /// the vaults there. Changes nothing on this device.
    pub async fn sync_test(&self, setup: SyncSetup) -> Result<SyncFound, WireError> {
        check_place(&setup.place)?;
        // Now, and not after a passphrase was thought of and a code written down.
        let app = self.clone();
        task::blocking(move || {
            app.inner.keys.set_durably(TRIAL, &Secret::new(TRIAL.to_owned()))?;
            app.inner.keys.delete(TRIAL)
        })
        .await?
        .map_err(no_keychain)?;
        let bucket = self.sync_ready(&setup).await?;
        let vaults = vaults(&bucket).await?;
        Ok(SyncFound { vaults: vaults.iter().map(VaultId::to_string).collect() })
    }

    /// A new vault, with this device as the first. Returns the recovery code, which is shown once.
    pub async fn sync_create(&self, setup: SyncSetup, passphrase: Secret<String>) -> Result<Secret<String>, WireError> {
        check(&setup)?;
        check_passphrase(&passphrase)?;
        let turn = self.sync_turn_soon().await?;
        let bucket = self.sync_first(&setup).await?;
        let code = recovery::new_code(&mut MachineRandom::new()?);
        let beginning = self.sync_begin(&turn, &setup, Vec::new(), Vec::new()).await?;
        let (keys, name, now, new_code) =
            (beginning.keys.clone(), device_name(&setup), self.inner.clock.now(), code.clone());
        let device = beginning.device;
        let made = task::blocking(move || {
            let first = NewDevice { name: &name, device, keys: &keys, now };
            let ring = Keyring::create(&first, &passphrase, &new_code, Work::default(), &mut MachineRandom::new()?)?;
            Ok::<_, WireError>((ring.vault(), ring.seal()?))
        });
        let written = async {
            let (vault, bytes) = made.await??;
            let (name, mut put_id) = (name::keyring(vault), [0; 16]);
            MachineRandom::new()?.fill(&mut put_id);
            if !put_if_absent(&bucket, &name, bytes.clone(), &hex(&put_id)).await? {
                // The name is random: nobody else can have taken it.
                return Err(strange().into());
            }
            let kept = self.sync_begun(&setup, &beginning, bytes).await;
            if kept.is_err() {
                // Nobody could open it again. If it stays, it is only in the way.
                drop(take_away(&bucket, &name).await);
            }
            kept
        };
        match written.await {
            Ok(()) => Ok(code),
            Err(error) => Err(self.sync_unbegun(&beginning, error).await),
        }
    }

    /// Opens the vault that is there (`vault`, else the only one), and adds this device to it.
    pub async fn sync_join(
        &self,
        setup: SyncSetup,
        vault: Option<String>,
        secret: SyncSecret,
    ) -> Result<(), WireError> {
        check(&setup)?;
        let secret = match secret {
            SyncSecret::RecoveryCode { code } => {
                SyncSecret::RecoveryCode { code: recovery::parse_code(code.expose())? }
            }
            passphrase @ SyncSecret::Passphrase { .. } => passphrase,
        };
        let turn = self.sync_turn_soon().await?;
        let bucket = self.sync_first(&setup).await?;
        let secret = Arc::new(secret);
        let name = name::keyring(the_vault(&bucket, vault.as_deref()).await?);
        let (bytes, _) = read_keyring(&bucket, &name).await?;
        // Before anything is written, here or there.
        let ring = opened(bytes.clone(), &secret).await?;
        let beginning = self.sync_begin(&turn, &setup, bytes, ring.sequences().collect()).await?;
        let joined = async {
            let bytes = self.sync_add_device(&bucket, &name, &secret, &setup, &beginning).await?;
            self.sync_begun(&setup, &beginning, bytes).await
        };
        match joined.await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.sync_unbegun(&beginning, error).await),
        }
    }

    async fn sync_add_device(
        &self,
        bucket: &Arc<dyn Bucket>,
        name: &str,
        secret: &Arc<SyncSecret>,
        setup: &SyncSetup,
        beginning: &Beginning,
    ) -> Result<Vec<u8>, WireError> {
        for _ in 0..MOST_TRIES {
            let (bytes, etag) = read_keyring(bucket, name).await?;
            let mut ring = opened(bytes, secret).await?;
            ring.add_device(&NewDevice {
                name: &device_name(setup),
                device: beginning.device,
                keys: &beginning.keys,
                now: self.inner.clock.now(),
            })?;
            let sealed = ring.seal()?;
            if replace_keyring(bucket, name, sealed.clone(), etag).await? {
                return Ok(sealed);
            }
        }
        Err(too_busy())
    }

    /// This device syncs no more. What is here stays; if the place answers, the others are told.
    pub async fn sync_leave(&self) -> Result<(), WireError> {
        let turn = self.sync_turn_soon().await?;
        let settings = self.settings().sync;
        if settings.place.is_some() {
            self.sync_farewell(&turn).await;
        }
        let store = self.inner.store.clone();
        task::store(move || store.sync_end()).await?;
        let mut after = self.settings();
        after.sync = SyncSettings::default();
        self.settings_put(after).await?;
        let names: Vec<String> = settings.device_secret.into_iter().chain(settings.keys_secret).collect();
        self.sync_forget_keys(names).await;
        self.sync_told(|told| *told = Told::default());
        self.tell(Event::SyncChanged);
        Ok(())
    }

    /// Sends what waits, and takes this device out of the keyring: as well as it goes, because leaving must always be possible.
    async fn sync_farewell(&self, turn: &Turn) {
        if !matches!(self.sync_settle(turn, true).await, Pass::Settled) {
            tracing::info!("the other devices could not be told that this one leaves");
            return;
        }
        let Ok(Vault { standing, .. }) = self.sync_vault().await else { return };
        let (own, now) = (standing.device, self.inner.clock.now());
        let told = self.sync_keyring_change(turn, move |keyring, random| Ok(keyring.remove_device(own, now, random)?));
        if let Err(error) = told.await {
            // What is kept is the keyring that this device cannot open any more; it only matters that the others have it.
            tracing::info!(id = %error.id, "the other devices could not be told that this one leaves");
        }
    }

    /// The place of a home that does not sync yet, tried out.
    async fn sync_first(&self, setup: &SyncSetup) -> Result<Arc<dyn Bucket>, WireError> {
        if self.settings().sync.place.is_some() {
            return Err(invalid("this home syncs already", "Leave syncing first, or use another home."));
        }
        self.sync_ready(setup).await
    }

    async fn sync_ready(&self, setup: &SyncSetup) -> Result<Arc<dyn Bucket>, WireError> {
        self.inner.buckets.set_up(&setup.place).await?;
        let bucket = self.sync_bucket_given(&setup.place, setup.keys.clone()).await?;
        probe(&bucket).await?;
        Ok(bucket)
    }

    /// Keeps the keys in the keychain, and has the store sync from now on.
    async fn sync_begin(
        &self,
        _turn: &Turn,
        setup: &SyncSetup,
        keyring: Vec<u8>,
        listed: Vec<DeviceId>,
    ) -> Result<Beginning, WireError> {
        let keys = DeviceKeys::new(&mut MachineRandom::new()?);
        let of = self.inner.store.device();
        let device_secret = format!("sync-device {of}");
        let keys_secret = match (&setup.place, &setup.keys) {
            (SyncPlace::S3 { credentials: S3Credentials::Keys, .. }, Some(_)) => Some(format!("sync-keys {of}")),
            _ => None,
        };
        let (app, item, name) = (self.clone(), keys.to_text(), device_secret.clone());
        let access = keys_secret.clone().zip(setup.keys.as_ref().map(S3Keys::to_item));
        let kept = task::blocking(move || {
            // Not for this session only: a device whose keys are gone with the program would stay in the list for ever.
            app.inner.keys.set_durably(&name, &item)?;
            access.map_or(Ok(()), |(name, item)| app.inner.keys.set_durably(&name, &item))
        });
        if let Err(error) = kept.await?.map_err(no_keychain) {
            // The first may be there when the second was refused.
            self.sync_forget_keys([device_secret].into_iter().chain(keys_secret).collect()).await;
            return Err(error.into());
        }
        let (store, clock) = (self.inner.store.clone(), Arc::clone(&self.inner.clock));
        let begun = task::store(move || {
            // An earlier beginning may have been cut off before it was in the settings.
            if store.sync_standing()?.is_some() {
                store.sync_end()?;
            }
            let device = store.sync_begin(keyring, listed.clone())?;
            if !listed.contains(&device) {
                return Ok(device);
            }
            // This home was in that vault before, and under that id nobody reads it any more.
            let to = DeviceId::new(clock.now());
            store.sync_keep(Keep::Moved { from: device, sent: 0, order: Hlc::default(), to })?;
            Ok(to)
        });
        match begun.await {
            Ok(device) => Ok(Beginning { device, keys, device_secret, keys_secret }),
            Err(error) => {
                self.sync_forget_keys([device_secret].into_iter().chain(keys_secret).collect()).await;
                Err(error)
            }
        }
    }

    /// It is done: from now on this home syncs.
    async fn sync_begun(&self, setup: &SyncSetup, beginning: &Beginning, keyring: Vec<u8>) -> Result<(), WireError> {
        let store = self.inner.store.clone();
        task::store(move || store.sync_keep(Keep::Keyring(keyring))).await?;
        self.sync_forget_clients();
        let mut settings = self.settings();
        settings.sync = SyncSettings {
            place: Some(setup.place.clone()),
            device_name: device_name(setup),
            paused: false,
            keys_secret: beginning.keys_secret.clone(),
            device_secret: Some(beginning.device_secret.clone()),
        };
        self.settings_put(settings).await?;
        self.sync_told(|told| *told = Told::default());
        self.tell(Event::SyncChanged);
        Ok(())
    }

    /// It is as it was before.
    async fn sync_unbegun(&self, beginning: &Beginning, error: WireError) -> WireError {
        let store = self.inner.store.clone();
        if let Err(error) = task::store(move || store.sync_end()).await {
            tracing::warn!(id = %error.id, "what was begun stays until it is begun again");
        }
        let names = [beginning.device_secret.clone()].into_iter().chain(beginning.keys_secret.clone());
        self.sync_forget_keys(names.collect()).await;
        error
    }

    /// Other access keys for the bucket. They take the place of those in use once they were tried out.
    pub async fn sync_access_keys_replace(&self, keys: S3Keys) -> Result<(), WireError> {
        let before = self.settings().sync;
        let Some(place @ SyncPlace::S3 { credentials: S3Credentials::Keys, .. }) = before.place else {
            return Err(invalid(
                "this home does not sync by access keys",
                "Look in the settings how its bucket is reached: a profile is changed in the AWS files.",
            ));
        };
        let _turn = self.sync_turn_soon().await?;
        let keyring = name::keyring(self.sync_vault().await?.keyring.vault());
        let bucket = self.sync_bucket_given(&place, Some(keys.clone())).await?;
        probe(&bucket).await?;
        // Those of another account may be good for a bucket of the same name.
        read_keyring(&bucket, &keyring).await?;

        // Under a name of their own, by which another process of this home notices that it has the old ones.
        let secret = format!("sync-keys {} {}", self.inner.store.device(), self.inner.clock.now().as_millis());
        let (app, name) = (self.clone(), secret.clone());
        task::blocking(move || app.inner.keys.set_durably(&name, &keys.to_item())).await?.map_err(no_keychain)?;
        let mut settings = self.settings();
        settings.sync.keys_secret = Some(secret.clone());
        let put = self.settings_put(settings).await;
        let unused = if put.is_ok() { before.keys_secret } else { Some(secret) };
        self.sync_forget_keys(unused.into_iter().collect()).await;
        put?;
        self.sync_happened();
        Ok(())
    }

    async fn sync_forget_keys(&self, names: Vec<String>) {
        self.sync_forget_clients();
        let app = self.clone();
        let deleted = task::blocking(move || names.iter().try_for_each(|name| app.inner.keys.delete(name)));
        // Nothing names them any more, and they open nothing that is written from now on.
        if !matches!(deleted.await, Ok(Ok(()))) {
            tracing::warn!("keys of syncing stay in the keychain");
        }
    }

    fn sync_forget_clients(&self) {
        let sync = &self.inner.sync;
        *sync.bucket.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *sync.keys.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *sync.thorough.lock().unwrap_or_else(PoisonError::into_inner) = None;
        sync.absent.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// What there is of a device before it is one.
struct Beginning {
    device: DeviceId,
    keys: DeviceKeys,
    device_secret: String,
    keys_secret: Option<String>,
}

fn check(setup: &SyncSetup) -> Result<(), WireError> {
    check_place(&setup.place)?;
    let name = device_name(setup);
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(invalid(
            format!("the name of a device has 1 to {MAX_NAME_CHARS} characters"),
            "Give this device a name by which you know it again.",
        ));
    }
    Ok(())
}

fn check_place(place: &SyncPlace) -> Result<(), WireError> {
    match place {
        SyncPlace::Folder { path } if !Path::new(path).is_absolute() => {
            Err(invalid("the folder is not named by its whole path", "Choose the folder again."))
        }
        SyncPlace::S3 { bucket, .. } if bucket.trim().is_empty() => {
            Err(invalid("the bucket has no name", "Enter the name of the bucket."))
        }
        _ => Ok(()),
    }
}

fn device_name(setup: &SyncSetup) -> String {
    setup.device_name.trim().to_owned()
}

async fn opened(bytes: Vec<u8>, secret: &Arc<SyncSecret>) -> Result<Keyring, WireError> {
    let secret = Arc::clone(secret);
    // Slow on purpose.
    let ring = task::blocking(move || match &*secret {
        SyncSecret::Passphrase { passphrase } => Keyring::open_with_passphrase(&bytes, passphrase),
        SyncSecret::RecoveryCode { code } => Keyring::open_with_recovery_code(&bytes, code),
    });
    Ok(ring.await??)
}

/// Finds out whether the place honours conditions; fails where it does not.
async fn probe(bucket: &Arc<dyn Bucket>) -> Result<(), WireError> {
    let (mut round, mut input) = (Round::probe(Box::new(MachineRandom::new()?)), Input::Done);
    loop {
        input = match round.step(input) {
            Step::Ask(request) => Input::Answer(bucket.ask(request).await),
            Step::Wait { millis } => {
                tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
                Input::Done
            }
            Step::Finished(Ended::Probed(Conditions::Honoured)) => return Ok(()),
            Step::Finished(Ended::Probed(_)) => return Err(conditions_ignored().into()),
            Step::Finished(Ended::Unreachable) => return Err(unreachable_place().into()),
            Step::Finished(Ended::Failed(failure)) => return Err(failure.into()),
            _ => return Err(internal("the place where the devices meet could not be tried out")),
        }
    }
}

/// What is said of keys for models, that they can be kept for this session only, is no help here.
fn no_keychain(mut failure: Failure) -> Failure {
    if failure.code == Code::KeychainUnavailable {
        failure.message.push_str(", and the keys of this device have to outlast the program");
        "Start a keychain (GNOME Keyring, KWallet or KeePassXC with its Secret Service), then try again."
            .clone_into(&mut failure.hint);
    }
    failure
}

fn conditions_ignored() -> Failure {
    Failure::permanent(
        Code::SyncConditionsIgnored,
        "this storage overwrites where it was asked not to",
        "Use another one: two devices would destroy each other's data here.",
    )
}

/// The vaults of that place: pages are not read to their end, but from one vault to the next.
async fn vaults(bucket: &Arc<dyn Bucket>) -> Result<Vec<VaultId>, WireError> {
    let (mut seen, mut after) = (BTreeSet::new(), None);
    for _ in 0..MOST_PAGES {
        let page = Request::List { prefix: String::new(), after: after.take() };
        let Outcome::Listed { names, more } = ask(bucket, page).await? else { return Err(strange().into()) };
        seen.extend(names.iter().filter_map(|name| name::vault_of(name)));
        let Some(last) = names.last().filter(|_| more) else { break };
        after = Some(name::vault_of(last).map_or_else(|| last.clone(), name::behind));
    }
    let mut vaults = Vec::new();
    for vault in seen {
        let head = Request::Head { name: name::keyring(vault) };
        if matches!(ask(bucket, head).await?, Outcome::Described { .. }) {
            vaults.push(vault);
        }
    }
    Ok(vaults)
}

async fn the_vault(bucket: &Arc<dyn Bucket>, wanted: Option<&str>) -> Result<VaultId, WireError> {
    if let Some(wanted) = wanted {
        return wanted
            .parse()
            .map_err(|_| invalid("that is not the id of a vault", "Look at the list of vaults again."));
    }
    match vaults(bucket).await?[..] {
        [only] => Ok(only),
        [] => Err(Failure::permanent(
            Code::NotFound,
            "no device syncs in that place yet",
            "Check the place and the prefix, or begin with this device.",
        )
        .into()),
        _ => Err(invalid("several vaults are in that place", "Say which one, by its id.")),
    }
}
