import { GrowingText } from "./grow";

/** Something of every kind, a line at a time as an answer comes. */
const all = String.raw`# Heading *one*

Words, **bold**, ~~gone~~, ${"`code`"}, [a link](https://example.org), [named][name], a note[^note] and $x^2$.
https://example.org and ![a picture](x.png)

- one
- [x] two
  1. inner

> quoted

| a | b |
|---|:-:|
| 1 | **2** |

${"```"}js
const x = 1;
${"```"}

$$
\frac{1}{2}
$$

---

[name]: https://example.org
[^note]: its words
`;

/** Reads once, in short turns between which the window is free. */
export async function warm(): Promise<void> {
  const text = new GrowingText();
  for (const { index } of all.matchAll(/\n/g)) {
    text.read(all.slice(0, index), true);
    await new Promise((resolve) => setTimeout(resolve));
  }
  text.read(all);
}
