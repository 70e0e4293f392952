/**
 * Steps in order of time. A traced call printed on one line ends ahead of the lines that follow, and events of
 * different CPUs come late by some microseconds: a step waits here until nothing earlier can come.
 */
import { LATE_NS } from '../model/time.js';
import type { Step } from './step.js';

/** More wait only where a trace claims calls that last and last; the earliest is let go then. */
const MOST = 1 << 16;

interface Place {
  readonly step: Step;
  /** Steps of one time keep their order. */
  readonly order: number;
}

export class StepQueue {
  private readonly heap: Place[] = [];
  private order = 0;

  constructor(private readonly take: (step: Step) => void) {}

  /** `printedNs`: what the step's source has come to. What strace -z printed late counts from when it was printed. */
  add(step: Step, printedNs: number): void {
    const { heap } = this;
    const earliestNs = printedNs - LATE_NS;
    heap.push({ step: step.at.ns < earliestNs ? later(step, earliestNs) : step, order: this.order++ });
    let i = heap.length - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.precedes(i, parent)) break;
      this.swap(i, parent);
      i = parent;
    }
    if (heap.length > MOST) this.next();
  }

  /** Hands on all steps that nothing can precede any more; `reachedNs`: where all sources have come to. */
  settle(reachedNs: number): void {
    while (this.heap.length > 0 && this.heap[0]!.step.at.ns < reachedNs - LATE_NS) this.next();
  }

  /** Hands on what is left. */
  finish(): void {
    while (this.heap.length > 0) this.next();
  }

  private next(): void {
    const { heap } = this;
    const { step } = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      for (let i = 0; ; ) {
        let least = i;
        for (const child of [2 * i + 1, 2 * i + 2])
          if (child < heap.length && this.precedes(child, least)) least = child;
        if (least === i) break;
        this.swap(i, least);
        i = least;
      }
    }
    this.take(step);
  }

  private precedes(a: number, b: number): boolean {
    const x = this.heap[a]!;
    const y = this.heap[b]!;
    return x.step.at.ns < y.step.at.ns || (x.step.at.ns === y.step.at.ns && x.order < y.order);
  }

  private swap(a: number, b: number): void {
    [this.heap[a], this.heap[b]] = [this.heap[b]!, this.heap[a]!];
  }
}

/** The step as if it came at that time, which is later than its own. */
function later(step: Step, ns: number): Step {
  const at = { ...step.at, ns };
  return step.kind === 'data' ? { ...step, at, began: at } : { ...step, at };
}
