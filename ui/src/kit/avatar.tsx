import styles from "./avatar.module.css";

/** `picture` is a data: URL made by the application; without one, the first letter stands in. */
export function Avatar({ name, picture, size = 32 }: { name: string; picture: string | null; size?: number }) {
  return (
    <span
      className={styles.avatar}
      style={{ width: `${size / 16}rem`, height: `${size / 16}rem`, fontSize: `${size / 32}rem` }}
      aria-hidden
    >
      {picture ? <img src={picture} alt="" draggable={false} /> : ([...name][0] ?? "").toUpperCase()}
    </span>
  );
}
