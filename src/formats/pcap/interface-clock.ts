/**
 * A pcapng interface's timestamps: 64 bits of units that the interface names (10^-n or 2^-n s), from an offset. In
 * exact arithmetic, and without a BigInt per packet: the upper half changes rarely, so what it contributes is kept.
 */

const WORD = 4_294_967_296;
/** Sums of remainders stay exact below this; finer units take the slow path. */
const MOST_UNITS = 2 ** 51;

export class InterfaceClock {
  /** The newest time: seconds since 1970, and nanoseconds below a second. */
  seconds = 0;
  nanoseconds = 0;
  /** Units of a second. */
  private readonly perSecond: bigint;
  private readonly units: number;
  private readonly fast: boolean;
  private readonly toNs: number;
  private readonly fromNs: number;
  private high = -1;
  private highSeconds = 0;
  private highUnits = 0;

  /** `resolution`: the byte of if_tsresol; `offset`: seconds to add. */
  constructor(
    resolution: number,
    private readonly offset: number,
  ) {
    const exponent = resolution & 0x7f;
    this.perSecond = BigInt(resolution & 0x80 ? 2 : 10) ** BigInt(exponent);
    this.units = Number(this.perSecond);
    const decimal = (resolution & 0x80) === 0;
    this.toNs = decimal && exponent <= 9 ? 10 ** (9 - exponent) : 0;
    this.fromNs = decimal && exponent > 9 ? 10 ** (exponent - 9) : 0;
    this.fast = decimal && this.units < MOST_UNITS;
  }

  /** Nanoseconds of the unit, 1 at least. */
  get resolutionNs(): number {
    return Math.max(1, Math.round(1e9 / this.units));
  }

  read(high: number, low: number): void {
    if (!this.fast) {
      this.readExactly(high, low);
      return;
    }
    if (high !== this.high) this.enter(high);
    const units = this.highUnits + low;
    const whole = Math.floor(units / this.units);
    const rest = units - whole * this.units;
    this.seconds = this.highSeconds + whole + this.offset;
    this.nanoseconds = this.toNs > 0 ? rest * this.toNs : Math.floor(rest / this.fromNs);
  }

  private enter(high: number): void {
    const units = BigInt(high) * BigInt(WORD);
    this.high = high;
    this.highSeconds = Number(units / this.perSecond);
    this.highUnits = Number(units % this.perSecond);
  }

  private readExactly(high: number, low: number): void {
    const units = BigInt(high) * BigInt(WORD) + BigInt(low);
    this.seconds = Number(units / this.perSecond) + this.offset;
    this.nanoseconds = Number(((units % this.perSecond) * 1_000_000_000n) / this.perSecond);
  }
}
