/**
 * The sections of a pcapng and the interfaces that each declares, with their places: what a decoder that starts
 * in the middle has to know. One table serves the scan and all its forks.
 */
import type { InterfaceClock } from './interface-clock.js';

export interface Interface {
  readonly offset: number;
  readonly name: string | null;
  readonly linkType: number;
  /** 0: unlimited. */
  readonly snapLength: number;
  readonly clock: InterfaceClock;
  /** 6 or 9, of a second in printed times. */
  readonly digits: 6 | 9;
  /** The newest statistics block's counts, where it has them. */
  dropped: number;
}

export interface Section {
  readonly offset: number;
  readonly littleEndian: boolean;
  readonly interfaces: Interface[];
}

/** Sections and interfaces kept; a file with more is damaged, or meant to fill the memory. */
const MOST = 65_536;

export class Sections {
  private readonly list: Section[] = [];
  private count = 0;

  get all(): readonly Section[] {
    return this.list;
  }

  /** The section that begins at an offset, noted where it is new; null when there are too many. */
  enter(offset: number, littleEndian: boolean): Section | null {
    const known = this.before(offset + 1);
    if (known?.offset === offset) return known;
    if (++this.count > MOST) return null;
    const section = { offset, littleEndian, interfaces: [] };
    this.list.push(section);
    return section;
  }

  /** Adds a section's interface unless a decoder further ahead has; false when there are too many. */
  declare(section: Section, index: number, create: () => Interface): boolean {
    if (index < section.interfaces.length) return true;
    if (++this.count > MOST) return false;
    section.interfaces.push(create());
    return true;
  }

  /** The last section that begins before an offset. */
  before(offset: number): Section | null {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.list[middle]!.offset < offset) low = middle + 1;
      else high = middle;
    }
    return this.list[low - 1] ?? null;
  }
}

/** How many interfaces a section has declared before an offset. */
export function declaredBefore({ interfaces }: Section, offset: number): number {
  let low = 0;
  let high = interfaces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (interfaces[middle]!.offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
