/** The same advert seen several times counts once; several sent at once count each. */
import { describe, expect, it } from 'vitest';
import type { Advert } from '../../src/vrrp/adverts.js';
import { Routers } from '../../src/vrrp/routers.js';

const ADVERT: Advert = {
  family: 'IPv4',
  version: 2,
  vrid: 51,
  priority: 150,
  intervalNs: 1e9,
  addresses: [],
  senderKey: '10.77.0.1',
  sender: '10.77.0.1',
  hasAddress: true,
  isPacket: true,
};

/** Adverts at these seconds; gives how many count, and the routers. */
function count(seconds: readonly number[], advert: Advert = ADVERT): { counted: number; routers: Routers } {
  const routers = new Routers();
  let counted = 0;
  for (const at of seconds) {
    const sender = routers.senderOf(advert);
    if (routers.isCopy(sender, advert, at * 1e9, 0)) continue;
    routers.see(sender, advert, at * 1e9);
    counted++;
  }
  return { counted, routers };
}

const seconds = Array.from({ length: 10 }, (_, i) => i);

describe('copies', () => {
  it('of every advert count once', () => {
    const { counted, routers } = count(seconds.flatMap((s) => [s, s + 30e-6, s + 70e-6]));
    expect(counted).toBe(10);
    expect(routers.duplicates).toBe(20);
  });

  it('of most of them too', () => {
    const { counted } = count(seconds.flatMap((s) => (s === 4 ? [s] : [s, s + 30e-6])));
    expect(counted).toBe(10);
  });

  it('of one after a silence is a burst', () => {
    const { counted, routers } = count([...seconds, 15, 15.00003, 15.00005, 15.00007, 16]);
    expect(counted).toBe(15);
    expect(routers.duplicates).toBe(0);
    expect(routers.senders[0]!.bursts).toContainEqual({ startNs: 15e9, lastNs: 15.00007e9, adverts: 4 });
  });

  it('of another source count once, also milliseconds later', () => {
    const routers = new Routers();
    const sender = routers.senderOf(ADVERT);
    const counted = seconds
      .flatMap((s): [number, number][] => [
        [s, 0],
        [s + 0.003, 1],
      ])
      .filter(([at, source]) => {
        if (routers.isCopy(sender, ADVERT, at * 1e9, source)) return false;
        routers.see(sender, ADVERT, at * 1e9);
        return true;
      });
    expect(counted.map(([, source]) => source)).toEqual(seconds.map(() => 0));
  });

  it('further apart are none, nor are sends of one host', () => {
    expect(count(seconds.flatMap((s) => [s, s + 0.002])).counted).toBe(20);
    expect(
      count(
        seconds.flatMap((s) => [s, s + 30e-6]),
        { ...ADVERT, isPacket: false },
      ).counted,
    ).toBe(20);
  });
});

describe('senders without address', () => {
  const socket = (fd: number): Advert => ({
    ...ADVERT,
    senderKey: `428 fd ${fd}`,
    sender: `keepalived(428) fd ${fd}`,
    hasAddress: false,
    isPacket: false,
  });
  const twoSockets = (secondSource: number): Routers => {
    const routers = new Routers();
    for (const at of seconds)
      for (const [advert, later, source] of [
        [socket(13), 0, 0],
        [socket(15), 0.3, secondSource],
      ] as const) {
        const sender = routers.senderOf(advert);
        if (!routers.isCopy(sender, advert, (at + later) * 1e9, source))
          routers.see(sender, advert, (at + later) * 1e9);
      }
    return routers;
  };

  it('are sockets of one host, on networks of their own', () => {
    expect(twoSockets(0).routers[0]!.splitBrain).toEqual([]);
  });

  it('compete where their traces are of two hosts', () => {
    expect(twoSockets(1).routers[0]!.splitBrain).toHaveLength(1);
  });
});
