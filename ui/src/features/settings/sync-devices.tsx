import { useState } from "react";
import { commands, type SyncDevice, type SyncStatus } from "@/bindings";
import { Button } from "@/kit/button";
import { formatAgo, formatShortDay } from "@/lib/format";
import { showToast } from "@/lib/toast";
import { words } from "@/lib/words";
import data from "./data-section.module.css";
import { useNow } from "./queries";
import own from "./settings-screen.module.css";
import styles from "./sync.module.css";
import { SyncConfirm } from "./sync-confirm";

const text = words.sync;

export function SyncDevices({ status }: { status: SyncStatus }) {
  const now = useNow();
  const [chosen, setChosen] = useState<SyncDevice | null>(null);
  const about = ({ added, removed, last_record_at }: SyncDevice) =>
    removed
      ? text.deviceRemoved(formatShortDay(removed))
      : [text.deviceAdded(formatShortDay(added)), last_record_at ? text.deviceLast(formatAgo(last_record_at, now)) : text.deviceNone].join(
          " · ",
        );
  return (
    <section className={own.block} aria-labelledby="sync-devices">
      <h3 id="sync-devices">{text.devices}</h3>
      <ul className={data.list} aria-labelledby="sync-devices">
        {status.devices.map((device) => (
          <li key={device.id} className={data.item} data-removed={device.removed ? "" : undefined} data-testid="sync-device">
            <p className={device.removed ? styles.gone : undefined}>
              <bdi>{device.name}</bdi> {device.this && <em className={styles.here}>{text.thisDevice}</em>}
              <small>{about(device)}</small>
            </p>
            <span />
            {!device.this && !device.removed && (
              <Button
                small
                look="quiet"
                aria-label={text.removeOf(device.name)}
                onClick={() => setChosen(device)}
                data-testid="sync-device-remove"
              >
                {text.remove}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {chosen && (
        <SyncConfirm
          title={text.removeTitle(chosen.name)}
          text={
            <>
              <p>{text.removeText}</p>
              <p>{text.removeKeys}</p>
            </>
          }
          yes={text.removeYes}
          danger
          work={() => commands.syncDeviceRemove(chosen.id)}
          onClose={() => setChosen(null)}
          onDone={() => {
            showToast(text.removedDone(chosen.name));
            setChosen(null);
          }}
          testId="sync-remove"
        />
      )}
    </section>
  );
}
