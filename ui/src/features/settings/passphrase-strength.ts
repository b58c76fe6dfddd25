import { useEffect, useState } from "react";

/** How hard to guess: the place in `words.sync.setup.strengths`. */
export type Strength = 0 | 1 | 2 | 3 | 4;

// Half a megabyte of words that people choose is loaded by whoever thinks of a passphrase, and by nobody else.
let estimator: Promise<(passphrase: string) => number> | null = null;

function load() {
  estimator ??= Promise.all([import("@zxcvbn-ts/core"), import("@zxcvbn-ts/language-common")]).then(
    ([{ ZxcvbnFactory }, { dictionary, adjacencyGraphs }]) => {
      const zxcvbn = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
      return (passphrase: string) => zxcvbn.check(passphrase).guessesLog10;
    },
  );
  return estimator;
}

// Powers of ten of guesses. The library's own scale is made for guessing at a sign-in; whoever has the bucket guesses at home, slowed only by scrypt.
const limits = [6, 9, 12, 15];

export async function strengthOf(passphrase: string): Promise<Strength> {
  const guesses = (await load())(passphrase);
  return limits.filter((limit) => guesses >= limit).length as Strength;
}

/** Null while there is nothing to say. */
export function useStrength(passphrase: string): Strength | null {
  const [known, setKnown] = useState<{ of: string; strength: Strength } | null>(null);
  useEffect(() => {
    if (!passphrase) return;
    let current = true;
    strengthOf(passphrase)
      .then((strength) => current && setKnown({ of: passphrase, strength }))
      // Without an estimate the passphrase is as good as it is.
      .catch(() => {});
    return () => {
      current = false;
    };
  }, [passphrase]);
  // The last one stays until the next is there, so that nothing flickers while one types.
  return passphrase && known ? known.strength : null;
}
