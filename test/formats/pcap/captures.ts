/** Captures made by hand: packets of every layer, in both containers and every form of them. */

import type { Decoder } from '../../../src/formats/format.js';
import { pcap } from '../../../src/formats/pcap/format.js';
import { blockOfBytes } from '../../../src/input/blocks.js';
import type { EventRecord } from '../../../src/model/event.js';
import { EventView, toRecord } from '../../../src/model/event.js';

export const MAC_A = '0200000000aa';
export const MAC_B = '0200000000bb';

export function hex(text: string): Buffer {
  return Buffer.from(text.replace(/\s/g, ''), 'hex');
}

function u16(value: number): Buffer {
  return Buffer.from([(value >> 8) & 0xff, value & 0xff]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

export function ip4Address(text: string): Buffer {
  return Buffer.from(text.split('.').map(Number));
}

export function ethernet(ethertype: number, payload: Buffer, ...vlans: number[]): Buffer {
  const tags = vlans.flatMap((id) => [u16(0x8100), u16(id)]);
  return Buffer.concat([hex(MAC_B), hex(MAC_A), ...tags, u16(ethertype), payload]);
}

export function ip4(
  protocol: number,
  payload: Buffer,
  { from = '10.0.0.1', to = '10.0.0.2', ttl = 64, fragment = 0, options = '' } = {},
): Buffer {
  const extra = hex(options);
  return Buffer.concat([
    Buffer.from([0x45 + extra.length / 4, 0]),
    u16(20 + extra.length + payload.length),
    u16(1),
    u16(fragment),
    Buffer.from([ttl, protocol, 0, 0]),
    ip4Address(from),
    ip4Address(to),
    extra,
    payload,
  ]);
}

export const FE80_1 = 'fe80000000000000 0000000000000001';
export const FF02_12 = 'ff02000000000000 0000000000000012';

export function ip6(next: number, payload: Buffer, from = FE80_1, to = FF02_12): Buffer {
  return Buffer.concat([
    hex('60000000'),
    u16(payload.length),
    Buffer.from([next, 255]),
    hex(from),
    hex(to),
    payload,
  ]);
}

export function tcp(
  from: number,
  to: number,
  flags: number,
  { seq = 1000, ack = 0, payload = '' } = {},
): Buffer {
  return Buffer.concat([
    u16(from),
    u16(to),
    u32(seq),
    u32(ack),
    Buffer.from([0x50, flags]),
    u16(502),
    u16(0),
    u16(0),
    Buffer.from(payload),
  ]);
}

export function udp(from: number, to: number, payload: string): Buffer {
  return Buffer.concat([u16(from), u16(to), u16(8 + payload.length), u16(0), Buffer.from(payload)]);
}

/** VRRPv2 unless told; vrid 51, one address, every second. */
export function vrrp({ version = 2, prio = 150, addresses = ['0a4d0064'] } = {}): Buffer {
  const head = [(version << 4) | 1, 51, prio, addresses.length];
  const interval = version === 2 ? [0, 1] : [0, 100];
  return Buffer.concat([
    Buffer.from([...head, ...interval, 0, 0]),
    ...addresses.map(hex),
    Buffer.alloc(version === 2 ? 8 : 0),
  ]);
}

export function arp(operation: number, from: string, to: string): Buffer {
  return Buffer.concat([
    hex('0001080006 04'),
    u16(operation),
    hex(MAC_A),
    ip4Address(from),
    hex(operation === 1 ? '000000000000' : MAC_B),
    ip4Address(to),
  ]);
}

export const ADVERT = ethernet(0x0800, ip4(112, vrrp(), { from: '10.77.0.1', to: '224.0.0.18', ttl: 255 }));

/** A packet with its time, in nanoseconds since 1970. */
export interface Timed {
  readonly ns: bigint;
  readonly bytes: Buffer;
  /** Bytes on the wire, where more than were captured. */
  readonly sent?: number;
}

export const START_NS = 1_795_333_439_297_802_123n;

/** The packets a second apart. */
export function everySecond(packets: readonly Buffer[], startNs = START_NS): Timed[] {
  return packets.map((bytes, i) => ({ ns: startNs + BigInt(i) * 1_000_000_000n, bytes }));
}

export interface PcapForm {
  readonly littleEndian?: boolean;
  readonly nanoseconds?: boolean;
  readonly linkType?: number;
  readonly snapLength?: number;
  readonly kuznetzov?: boolean;
}

class Writer {
  private readonly parts: Buffer[] = [];

  constructor(private readonly littleEndian: boolean) {}

  u32(...values: number[]): this {
    for (const value of values) {
      const bytes = Buffer.alloc(4);
      if (this.littleEndian) bytes.writeUInt32LE(value >>> 0);
      else bytes.writeUInt32BE(value >>> 0);
      this.parts.push(bytes);
    }
    return this;
  }

  u16(...values: number[]): this {
    for (const value of values) {
      const bytes = Buffer.alloc(2);
      if (this.littleEndian) bytes.writeUInt16LE(value);
      else bytes.writeUInt16BE(value);
      this.parts.push(bytes);
    }
    return this;
  }

  u64(value: bigint): this {
    const high = Number((value >> 32n) & 0xffff_ffffn);
    const low = Number(value & 0xffff_ffffn);
    return this.littleEndian ? this.u32(low, high) : this.u32(high, low);
  }

  raw(bytes: Buffer): this {
    this.parts.push(bytes);
    return this;
  }

  end(): Buffer {
    return Buffer.concat(this.parts);
  }
}

export function pcapFile(packets: readonly Timed[], form: PcapForm = {}): Buffer {
  const {
    littleEndian = true,
    nanoseconds = false,
    linkType = 1,
    snapLength = 262_144,
    kuznetzov = false,
  } = form;
  const out = new Writer(littleEndian);
  out.u32(kuznetzov ? 0xa1b2cd34 : nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4);
  out.u16(2, 4).u32(0, 0, snapLength, linkType);
  for (const { ns, bytes, sent } of packets) {
    const fraction = Number(ns % 1_000_000_000n);
    out.u32(Number(ns / 1_000_000_000n), nanoseconds ? fraction : Math.floor(fraction / 1000));
    out.u32(bytes.length, sent ?? bytes.length);
    if (kuznetzov)
      out
        .u32(7)
        .u16(0x0800)
        .raw(Buffer.from([0, 0]));
    out.raw(bytes);
  }
  return out.end();
}

/** Blocks of a pcapng in one byte order. */
export class Pcapng {
  constructor(readonly littleEndian = true) {}

  block(type: number, fill: (out: Writer) => void): Buffer {
    const body = new Writer(this.littleEndian);
    fill(body);
    const bytes = padded(body.end());
    const length = bytes.length + 12;
    return new Writer(this.littleEndian).u32(type, length).raw(bytes).u32(length).end();
  }

  private options(out: Writer, options: readonly (readonly [code: number, value: Buffer])[]): void {
    for (const [code, value] of options) out.u16(code, value.length).raw(padded(value));
    if (options.length > 0) out.u32(0);
  }

  section(...options: (readonly [number, Buffer])[]): Buffer {
    return this.block(0x0a0d0d0a, (out) => {
      out.u32(0x1a2b3c4d).u16(1, 0).u32(0xffff_ffff, 0xffff_ffff);
      this.options(out, options);
    });
  }

  interface(linkType = 1, snapLength = 0, ...options: (readonly [number, Buffer])[]): Buffer {
    return this.block(1, (out) => {
      out.u16(linkType, 0).u32(snapLength);
      this.options(out, options);
    });
  }

  /** `ticks`: in the interface's own unit. */
  packet(index: number, ticks: bigint, bytes: Buffer, ...options: (readonly [number, Buffer])[]): Buffer {
    return this.block(6, (out) => {
      out.u32(index, Number(ticks >> 32n), Number(ticks & 0xffff_ffffn), bytes.length, bytes.length);
      out.raw(padded(bytes));
      this.options(out, options);
    });
  }

  oldPacket(index: number, drops: number, ticks: bigint, bytes: Buffer): Buffer {
    return this.block(2, (out) => {
      out
        .u16(index, drops)
        .u32(Number(ticks >> 32n), Number(ticks & 0xffff_ffffn), bytes.length, bytes.length);
      out.raw(padded(bytes));
    });
  }

  simplePacket(bytes: Buffer): Buffer {
    return this.block(3, (out) => out.u32(bytes.length).raw(padded(bytes)));
  }

  statistics(index: number, drops: bigint): Buffer {
    return this.block(5, (out) => {
      out.u32(index, 0, 0);
      this.options(out, [[7, new Writer(this.littleEndian).u64(drops).end()]]);
    });
  }

  u64(value: bigint): Buffer {
    return new Writer(this.littleEndian).u64(BigInt.asUintN(64, value)).end();
  }

  u32(value: number): Buffer {
    return new Writer(this.littleEndian).u32(value).end();
  }
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

export function decoderOf(file: Buffer): Decoder {
  const verdict = pcap.detect(
    { bytes: file, binary: true, complete: true, path: undefined },
    { forced: false, layout: undefined },
  );
  if (verdict.kind !== 'mine') throw new Error(`not taken: ${JSON.stringify(verdict)}`);
  return verdict.open();
}

/** All events of a capture in memory, spelled out; `visit` sees each one's decoder while it is the newest. */
export function decodeAll(
  file: Buffer,
  visit: (decoder: Decoder, e: EventView) => void = () => undefined,
): { decoder: Decoder; records: EventRecord[] } {
  const decoder = decoderOf(file);
  const e = new EventView();
  const records: EventRecord[] = [];
  decoder.open(blockOfBytes(file, 0, file.length, 0, 1, true));
  while (decoder.next(e)) {
    visit(decoder, e);
    decoder.spell(e);
    records.push(toRecord(e, decoder.timeText(e)));
  }
  return { decoder, records };
}

/** A single packet's event. */
export function decodePacket(bytes: Buffer, form: PcapForm = {}): EventRecord {
  return decodeAll(pcapFile(everySecond([bytes]), form)).records[0]!;
}
