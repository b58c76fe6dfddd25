import { useContext, useState } from "react";
import { Popover } from "@/kit/popover";
import { formatList } from "@/lib/format";
import { words } from "@/lib/words";
import styles from "./claim-mark.module.css";
import { nameOf, Shown } from "./claims";
import { SourceButton, sourceText } from "./source";

/** Behind a statement about the owner: the numbers of its sources, or that it is a guess. What it shows is drawn by the style sheet and is no
 *  text, so that neither finding, nor selecting, nor copying meets it. */
export function ClaimMark({ at }: { at: number }) {
  const { claims, numbers, onOpenSource } = useContext(Shown);
  const [open, setOpen] = useState(false);
  const claim = claims[at];
  if (!claim) return null;
  const grounds = claim.grounds.map((ground) => ({ ...ground, number: numbers.get(nameOf(ground.source)) ?? 0 }));
  const guess = grounds.length === 0;
  const label = guess ? words.why.guess : words.why.sourced(formatList(grounds.map(({ source }) => sourceText(source))));
  return (
    <sup className={styles.mark}>
      <Popover
        narrow={guess}
        label={guess ? words.why.guessTitle : words.why.sources}
        open={open}
        onOpenChange={setOpen}
        testId="claim"
        trigger={
          <button
            type="button"
            aria-label={label}
            data-mark={guess ? "?" : grounds.map(({ number }) => number).join(",")}
            data-guess={guess || undefined}
            data-testid="claim-mark"
          />
        }
      >
        <div className={styles.body}>
          <p className={styles.title}>{guess ? words.why.guessTitle : words.why.sources}</p>
          {guess ? (
            <p>{words.why.guessText}</p>
          ) : (
            grounds.map(({ number, text, source }) => (
              <SourceButton
                key={nameOf(source)}
                number={number}
                text={text}
                source={source}
                testId="claim-source"
                onOpen={() => {
                  setOpen(false);
                  onOpenSource(source);
                }}
              />
            ))
          )}
        </div>
      </Popover>
    </sup>
  );
}
