/** Who is the client, and what is forgotten where very many flows are to be remembered. */
import { expect, it } from 'vitest';
import { Flows } from '../../src/formats/packets/flows.js';

it('of too many flows an eighth is forgotten at a time, the oldest', () => {
  const flows = new Flows();
  const ip = (n: number): string => `10.0.${n >> 8}.${n & 255}`;
  /** The end with the lower port is the client, which a SYN tells. */
  const client = (n: number, tcpFlags?: string) => flows.client(ip(n), 1, '192.0.2.1', 2, tcpFlags);
  for (let n = 0; n < 65_536; n++) client(n, 'S');
  expect(client(0)).toBe('source');
  client(65_536, 'S');
  expect([0, 8192, 8193, 65_536].map((n) => client(n))).toEqual([
    'destination',
    'destination',
    'source',
    'source',
  ]);
});
