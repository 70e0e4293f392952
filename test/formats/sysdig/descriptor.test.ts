import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDescriptor } from '../../../src/formats/sysdig/descriptor.js';

test.each([
  [
    '13(<4t>1.2.3.4:5->6.7.8.9:10)',
    {
      num: 13,
      type: 'ipv4',
      typeChar: '4',
      name: '1.2.3.4:5->6.7.8.9:10',
      l4proto: 'tcp',
      clientIp: '1.2.3.4',
      clientPort: 5,
      serverIp: '6.7.8.9',
      serverPort: 10,
    },
  ],
  [
    '7(<4u>0.0.0.0:53)',
    { type: 'ipv4', l4proto: 'udp', clientIp: undefined, serverIp: '0.0.0.0', serverPort: 53 },
  ],
  ['20(<4>)', { num: 20, type: 'ipv4', typeChar: '4', name: '', l4proto: undefined, serverIp: undefined }],
  [
    '3(<6u>::1:38255->::1:2345)',
    { type: 'ipv6', clientIp: '::1', clientPort: 38255, serverIp: '::1', serverPort: 2345 },
  ],
  [
    '3(<6t>10.0.0.1:5->10.0.0.2:80)',
    { type: 'ipv6', clientIp: '10.0.0.1', serverIp: '10.0.0.2', serverPort: 80 },
  ],
  [
    '13(<4r>192.0.2.2->224.0.0.18)',
    { l4proto: 'raw', clientIp: '192.0.2.2', clientPort: undefined, serverIp: '224.0.0.18' },
  ],
  [
    '13(<6r>fe80::1->ff02::12)',
    { l4proto: 'raw', clientIp: 'fe80::1', serverIp: 'ff02::12', serverPort: undefined },
  ],
  [
    '4(<4t>10.0.0.1:http->10.0.0.2:ssh)',
    { clientIp: '10.0.0.1', clientPort: undefined, serverIp: '10.0.0.2' },
  ],
  ['5(<f>/tmp/x)y (z))', { num: 5, type: 'file', name: '/tmp/x)y (z)', serverIp: undefined }],
  ['9(<u>ffff94->ffff95 /run/x)', { type: 'unix', name: 'ffff94->ffff95 /run/x', clientIp: undefined }],
  ['5(<t>)', { type: 'timerfd', name: '' }],
  ['5(<X>)', { type: undefined, typeChar: 'X' }],
  ['99', { num: 99, type: undefined, typeChar: undefined, name: undefined }],
  ['-2(ENOENT)', { num: -2, name: undefined }],
  [
    '13(192.168.205.8->224.0.0.18)',
    { num: 13, type: 'ipv4', clientIp: '192.168.205.8', serverIp: '224.0.0.18', l4proto: undefined },
  ],
  ['4(<4t>>', { num: 4, type: 'ipv4', l4proto: 'tcp', name: '' }],
])('%s', (text, expected) => {
  expect(parseDescriptor(text)).toMatchObject(expected);
});

test.each(['', '(<4t>>', '4:41 6:u4', 'NULL', '<NA>'])('%j is none', (text) => {
  expect(parseDescriptor(text)).toBeUndefined();
});

test('never throws', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseDescriptor(`4(<6t>${text})`)));
});
