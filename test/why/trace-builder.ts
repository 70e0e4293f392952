/** Writes small sysdig traces by hand: events at milliseconds, sorted, numbered, in sysdig's default layout. */
import { text } from './investigate.js';

interface Line {
  readonly ms: number;
  readonly order: number;
  readonly body: string;
}

const NAMES = new Map<number, string>([[0, '<NA>']]);

export class TraceBuilder {
  private readonly lines: Line[] = [];

  constructor(private readonly names: Readonly<Record<number, string>> = {}) {}

  private name(tid: number): string {
    return this.names[tid] ?? NAMES.get(tid) ?? '<NA>';
  }

  private add(ms: number, body: string): this {
    this.lines.push({ ms, order: this.lines.length, body });
    return this;
  }

  /** `out` leaves the CPU for `next`; threads without a name have no user memory. */
  sw(ms: number, cpu: number, out: number, next: number): this {
    const named = this.names[next] ? `${next}(${this.names[next]})` : String(next);
    const vm = this.names[out] ? 29016 : 0;
    return this.add(
      ms,
      `${cpu} ${this.name(out)} (${out}) > switch next=${named} pgft_maj=0 pgft_min=0 vm_size=${vm} vm_rss=${vm} vm_swap=0 `,
    );
  }

  enter(ms: number, cpu: number, tid: number, call: string): this {
    return this.add(ms, `${cpu} ${this.name(tid)} (${tid}) > ${call} `);
  }

  exit(ms: number, cpu: number, tid: number, call: string): this {
    return this.add(ms, `${cpu} ${this.name(tid)} (${tid}) < ${call} `);
  }

  /** A thread that gets the idle CPU for 0.05 ms, again and again. */
  ticks(cpu: number, tid: number, fromMs: number, toMs: number, everyMs: number): this {
    for (let ms = fromMs; ms < toMs; ms += everyMs) this.sw(ms, cpu, 0, tid).sw(ms + 0.05, cpu, tid, 0);
    return this;
  }

  lineArray(): string[] {
    const sorted = [...this.lines].sort((a, b) => a.ms - b.ms || a.order - b.order);
    return sorted.map(({ ms, body }, i) => {
      const ns = Math.round(ms * 1e6);
      const s = Math.floor(ns / 1e9);
      return `${i + 1} 10:00:${String(s).padStart(2, '0')}.${String(ns % 1e9).padStart(9, '0')} ${body}`;
    });
  }

  /** Number of the first line that holds all the words, after line `after`. */
  numOf(words: readonly string[], after = 0): number {
    const at = this.lineArray().findIndex(
      (line, i) => i >= after && words.every((word) => line.includes(word)),
    );
    if (at < 0) throw new Error(`no line with ${words.join(', ')}`);
    return at + 1;
  }

  stream(): ReturnType<typeof text> {
    return text(this.lineArray().join('\n'));
  }
}
