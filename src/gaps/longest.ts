/** The n longest so far, by their lengths alone. */
export class Longest {
  /** Shortest first. */
  private readonly lengths: number[] = [];

  constructor(private readonly most: number) {}

  /** Whether a further one is among the n longest so far; of equal ones the earlier are. */
  take(ns: number): boolean {
    const { most, lengths } = this;
    if (lengths.length >= most) {
      if (most === 0 || ns <= lengths[0]!) return false;
      lengths.shift();
    }
    let low = 0;
    let high = lengths.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lengths[middle]! <= ns) low = middle + 1;
      else high = middle;
    }
    lengths.splice(low, 0, ns);
    return true;
  }
}
