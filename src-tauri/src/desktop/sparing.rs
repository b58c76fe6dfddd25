//! Whether the machine runs on its battery, and whether its line is paid for by what goes over it: as UPower and
//! NetworkManager tell everybody on the system's bus. Where neither runs, nothing is spared.

use futures_util::StreamExt as _;
use std::time::Duration;
use twin_app::App;
use twin_app::sync::SyncSparing;
use zbus::fdo::PropertiesProxy;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, MatchRule, MessageStream, connection};

/// Who tells a property: the service, which is the interface as well, and the object.
struct Told(&'static str, &'static str, &'static str);

const ON_BATTERY: Told = Told("org.freedesktop.UPower", "/org/freedesktop/UPower", "OnBattery");
const METERED: Told = Told("org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager", "Metered");

/// NMMetered: what a person said of the line, or what the line itself says (a telephone does).
const YES: u32 = 1;
const GUESSED_YES: u32 = 3;

/// Who does not answer by then is not waited for: the other one may have news.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tells syncing for as long as the system's bus is there.
pub(crate) async fn follow(app: App) {
    if let Err(error) = try_follow(&app).await {
        tracing::info!(%error, "battery and line are not known, and nothing is spared");
    }
}

async fn try_follow(app: &App) -> zbus::Result<()> {
    let bus = connection::Builder::system()?.method_timeout(PATIENCE).build().await?;
    // Before they are asked, so that nothing is missed in between.
    let (mut power, mut line) = (changes(&bus, &ON_BATTERY).await?, changes(&bus, &METERED).await?);
    loop {
        let metered: Option<u32> = ask(&bus, &METERED).await;
        let on_battery: Option<bool> = ask(&bus, &ON_BATTERY).await;
        app.sync_spare(match (metered, on_battery) {
            (Some(YES | GUESSED_YES), _) => Some(SyncSparing::Metered),
            (_, Some(true)) => Some(SyncSparing::Battery),
            _ => None,
        });
        let going_on = tokio::select! { change = power.next() => change, change = line.next() => change };
        if going_on.is_none() {
            return Ok(());
        }
    }
}

async fn changes(bus: &Connection, Told(_, object, _): &Told) -> zbus::Result<MessageStream> {
    let properties = MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .interface("org.freedesktop.DBus.Properties")?
        .member("PropertiesChanged")?
        .path(*object)?
        .build();
    MessageStream::for_match_rule(properties, bus, None).await
}

/// None where nobody answers.
async fn ask<T: TryFrom<OwnedValue>>(bus: &Connection, Told(service, object, property): &Told) -> Option<T> {
    let properties = PropertiesProxy::new(bus, *service, *object).await.ok()?;
    properties.get((*service).try_into().ok()?, property).await.ok()?.try_into().ok()
}
