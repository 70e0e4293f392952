/** Advertisements as strace and sysdig print their bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerOfEscaped, headerOfPrintable } from '../../src/vrrp/payload.js';

const V2 = String.raw`E\300\0(\0,\0\0\377p\0\0\nM\0\1\340\0\0\22!3\226\1\0\1>\31\nM\0d`;

describe('escaped by strace', () => {
  it('version 2 behind an IPv4 header', () => {
    expect(headerOfEscaped(V2, true)).toEqual({
      version: 2,
      vrid: 51,
      priority: 150,
      intervalNs: 1e9,
      sourceIp: '10.77.0.1',
      addresses: ['10.77.0.100'],
    });
  });

  it('version 3 without an IPv4 header, hexadecimal: twelve bits of centiseconds', () => {
    const text = String.raw`\x31\x07\xff\x01\x0f\xa0\x12\x34\xfe\x80`;
    expect(headerOfEscaped(text, false)).toEqual({
      version: 3,
      vrid: 7,
      priority: 255,
      intervalNs: 0xfa0 * 1e7,
      sourceIp: undefined,
      addresses: [],
    });
  });

  it('cut before the interval, the rest is known', () => {
    const cut = V2.slice(0, V2.indexOf(String.raw`\1\0\1>`));
    expect(headerOfEscaped(cut, true)).toMatchObject({
      vrid: 51,
      priority: 150,
      intervalNs: undefined,
      addresses: [],
    });
  });

  it.each([
    ['another protocol', V2.replace('p', String.raw`\21`)],
    ['another version', V2.replace('!3', 'A3')],
    ['no advertisement', V2.replace('!3', '"3')],
    ['nothing', ''],
  ])('%s is none', (_, text) => {
    expect(headerOfEscaped(text, true)).toBeUndefined();
  });
});

describe('printed by sysdig', () => {
  it('dots hide what is not printable', () => {
    expect(headerOfPrintable('E..(.....p...M......!3....>..M.d........', true)).toEqual({
      version: 2,
      vrid: 51,
      priority: undefined,
      intervalNs: undefined,
      sourceIp: undefined,
      addresses: [],
    });
    expect(headerOfPrintable('E..(.....p...M......1.d...>..M.d........', true)).toMatchObject({
      version: 3,
      vrid: undefined,
      priority: 100,
    });
  });
});

it('any text: no throw', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60, size: 'max' }), fc.boolean(), (text, isIpv4) => {
      headerOfEscaped(text, isIpv4);
      headerOfPrintable(text, isIpv4);
    }),
  );
});
