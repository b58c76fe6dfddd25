import { Fragment } from "react";
import { keyNames } from "@/lib/keys";
import { classNames } from "./class-names";
import styles from "./keys.module.css";

/** A combination of keys, each as a key. */
export function Keys({ keys, quiet }: { keys: string; quiet?: boolean }) {
  if (!keys) return null;
  return (
    <span className={classNames(styles.keys, quiet && styles.quiet)} dir="ltr">
      {keyNames(keys).map((name, at) => (
        <Fragment key={name}>
          {/* For those who hear or copy it: as one word it is neither what it looks like nor what its button is called. */}
          {at > 0 && " "}
          <kbd>{name}</kbd>
        </Fragment>
      ))}
    </span>
  );
}
