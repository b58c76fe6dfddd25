//! UPower: the service that tells programs whether the machine runs on its battery.

use zbus::object_server::InterfaceRef;
use zbus::{Connection, connection, interface};

const OBJECT: &str = "/org/freedesktop/UPower";

/// The service, on a machine that is plugged in; gone when it is dropped.
#[derive(Debug)]
pub struct Power(Connection);

struct UPower {
    on_battery: bool,
}

#[interface(name = "org.freedesktop.UPower")]
impl UPower {
    #[zbus(property)]
    fn on_battery(&self) -> bool {
        self.on_battery
    }
}

impl Power {
    /// On the bus of that address.
    pub async fn start(bus: &str) -> Self {
        let bus = connection::Builder::address(bus)
            .and_then(|bus| bus.serve_at(OBJECT, UPower { on_battery: false }))
            .and_then(|bus| bus.name("org.freedesktop.UPower"))
            .expect("the names are right");
        Self(bus.build().await.expect("the bus can be reached"))
    }

    /// Unplugs the machine, or plugs it in.
    pub async fn set_on_battery(&self, on_battery: bool) {
        let upower: InterfaceRef<UPower> = self.0.object_server().interface(OBJECT).await.expect("it is served");
        let mut told = upower.get_mut().await;
        told.on_battery = on_battery;
        told.on_battery_changed(upower.signal_emitter()).await.expect("the bus can be reached");
    }
}
