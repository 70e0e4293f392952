import { expect, test } from 'vitest';
import { compileFilter, parseFilter } from '../../src/filter/filter.js';
import { EPOCH, type FakeEvent, fakeEvent, fakeFields } from './fake-event.js';

const ADVERT: FakeEvent = {
  type: 'vrrp',
  fd: { clientIp: '10.77.0.1', serverIp: '224.0.0.18', name: '10.77.0.1->224.0.0.18' },
  packet: {
    length: 54,
    sourceIp: '10.77.0.1',
    destinationIp: '224.0.0.18',
    vrrp: { version: 2, vrid: 51, priority: 150, intervalNs: 1e9, addresses: [] },
  },
};
/** From the server to the client. */
const REPLY: FakeEvent = {
  type: 'tcp',
  fd: { clientIp: '10.0.0.1', clientPort: 40_000, serverIp: '10.0.0.2', serverPort: 80, l4proto: 'tcp' },
  packet: {
    sourceIp: '10.0.0.2',
    sourcePort: 80,
    destinationIp: '10.0.0.1',
    destinationPort: 40_000,
    tcpFlags: 'S.',
  },
};

test.each<[string, FakeEvent, boolean]>([
  ['evt.type=vrrp and vrrp.vrid=51 and vrrp.version=2 and vrrp.prio>=150', ADVERT, true],
  ['vrrp.vrid=52', ADVERT, false],
  ['vrrp.intvl=1', ADVERT, true],
  ['vrrp.intvl=1s', ADVERT, true],
  ['vrrp.intvl>1.5', ADVERT, false],
  ['vrrp.intvl<1500ms', ADVERT, true],
  ['pkt.len>=54', ADVERT, true],
  ['fd.sip=10.77.0.1 and fd.dip=224.0.0.18', ADVERT, true],
  ['fd.dnet=224.0.0.0/4', ADVERT, true],
  ['tcp.flags exists', ADVERT, false],
  ['vrrp.vrid exists', REPLY, false],
  ['tcp.flags=S.', REPLY, true],
  ['fd.sip=10.0.0.2 and fd.sport=80 and fd.dport=40000', REPLY, true],
  ['fd.sip=10.0.0.1', REPLY, false],
  ['fd.cip=10.0.0.1 and fd.cport=40000', REPLY, true],
  ['fd.ip=10.0.0.1 and fd.ip=10.0.0.2 and fd.port=80', REPLY, true],
  ['pkt.len exists', REPLY, false],
])('%s', (filter, event, expected) => {
  expect(compileFilter(parseFilter(filter), fakeFields(), EPOCH)(fakeEvent(event))).toBe(expected);
});
