import { Component, type ReactNode } from "react";
import { Button } from "@/kit/button";
import { words } from "@/lib/words";
import styles from "./boundary.module.css";

/** Keeps a mistake in one part of the window from taking the rest with it. */
export class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <div className={styles.page} role="alert">
        <h1>{words.app.crashed}</h1>
        <p>{words.app.crashedText}</p>
        <Button look="primary" onClick={() => this.setState({ failed: false })}>
          {words.app.reopen}
        </Button>
      </div>
    );
  }
}
