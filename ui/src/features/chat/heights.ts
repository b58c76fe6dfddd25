/**
 * Where each item of a long list begins, though only those that were drawn have been measured. Of a Fenwick tree, so that neither
 * measuring an item nor asking for a place goes through all of them.
 */
export class Heights {
  readonly estimate: number;
  private readonly measured = new Map<number, number>();
  /** Sums of how far the measured ones are from the estimate. */
  private tree = new Float64Array(256);

  constructor(estimate: number) {
    this.estimate = estimate;
  }

  of(index: number): number {
    return this.measured.get(index) ?? this.estimate;
  }

  set(index: number, height: number): void {
    if (index + 1 >= this.tree.length) this.grow(index + 2);
    const before = this.of(index);
    this.measured.set(index, height);
    this.add(index, height - before);
  }

  /** The sum of all before `index`. */
  start(index: number): number {
    let sum = index * this.estimate;
    for (let at = Math.min(index, this.tree.length - 1); at > 0; at -= at & -at) sum += this.tree[at] ?? 0;
    return sum;
  }

  /** Which of `count` items lies at `offset`. */
  at(offset: number, count: number): number {
    let low = 0;
    let high = Math.max(0, count - 1);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.start(middle) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private add(index: number, change: number) {
    for (let at = index + 1; at < this.tree.length; at += at & -at) this.tree[at] = (this.tree[at] ?? 0) + change;
  }

  private grow(least: number) {
    this.tree = new Float64Array(2 ** Math.ceil(Math.log2(least)) + 1);
    for (const [index, height] of this.measured) this.add(index, height - this.estimate);
  }
}
