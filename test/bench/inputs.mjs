// Benchmark inputs, the same bytes at every run: sysdig text, strace output and a pcap with a realistic mix. Written in
// pieces, so their size is bounded by the disk alone.
import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';

const CHUNK = 1 << 20;

/** A small generator of whole numbers; the same seed gives the same trace on every machine. */
function randomOf(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

function clock(ns) {
  const seconds = Math.floor(ns / 1e9);
  const two = (n) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600) % 24;
  return `${two(hours)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${String(ns % 1e9).padStart(9, '0')}`;
}

const PROGRAMS = [
  'haproxy',
  'nginx',
  'mysqld',
  'sshd',
  'java',
  'node',
  'postgres',
  'redis-server',
  'systemd',
  'dockerd',
];
const CALLS = [
  'read',
  'write',
  'recvmsg',
  'epoll_wait',
  'futex',
  'fstat',
  'poll',
  'openat',
  'close',
  'sendto',
];
const BEAT_NS = 1_000_300_000;

export const BYTES_PER_LINE = 107;

/**
 * sysdig text: a third switch events, four CPUs, `threads` threads of ten programs, arguments of many lengths; keepalived
 * sends each second, but for `stalls` silences of `stallNs`, the first after the part `first` of the time, the others
 * spread evenly behind it. `startNs` is the time of day of the first line.
 */
export function* sysdigText(
  bytes,
  {
    stalls = 2,
    nsPerLine = 40_000,
    threads = 40,
    stallNs = 5e9,
    first = 1 / (stalls + 1),
    startNs = 17 * 3600e9,
  } = {},
) {
  const random = randomOf(1);
  const tids = Array.from({ length: threads }, (_, i) => [PROGRAMS[i % PROGRAMS.length], 2000 + i * 37]);
  const open = new Map();
  let ns = startNs;
  let beatNs = ns + 5e8;
  const totalNs = (bytes / BYTES_PER_LINE) * nsPerLine;
  let stalled = 0;
  let written = 0;
  for (let num = 1; written < bytes; num++) {
    ns += 1 + random(nsPerLine * 2);
    const cpu = random(4);
    let line;
    if (ns >= beatNs) {
      line = `${num} ${clock(ns)} ${cpu} keepalived (10400) > sendmsg fd=13(<4r>192.168.205.8->224.0.0.18) size=40 tuple=0.0.0.0:112->224.0.0.18:0 \n`;
      beatNs += BEAT_NS;
      if (stalled < stalls && ns - startNs > totalNs * (first + (stalled * (1 - first)) / stalls)) {
        stalled++;
        beatNs += stallNs - BEAT_NS;
      }
    } else {
      const [name, tid] = tids[random(tids.length)];
      const kind = random(3);
      if (kind === 0) {
        const [next, nextTid] = tids[random(tids.length)];
        line = `${num} ${clock(ns)} ${cpu} ${name} (${tid}) > switch next=${nextTid}(${next}) pgft_maj=0 pgft_min=${random(9000)} vm_size=${99_684 + random(9)} vm_rss=6772 vm_swap=0 \n`;
      } else if (kind === 1) {
        const call = CALLS[random(CALLS.length)];
        open.set(tid, call);
        line = `${num} ${clock(ns)} ${cpu} ${name} (${tid}) > ${call} fd=${random(200)}(<4t>10.0.0.${random(250)}:${random(60_000)}->10.0.1.7:80) size=${random(70_000)} \n`;
      } else {
        const call = open.get(tid) ?? 'read';
        line = `${num} ${clock(ns)} ${cpu} ${name} (${tid}) < ${call} res=${random(5000)} data=${'.'.repeat(random(60))} \n`;
      }
    }
    written += line.length;
    yield line;
  }
}

/**
 * strace -f -ttt -T: forty threads, each with the execve that names it (1000 is daemon-0), one call in five split in two,
 * a disk sync of thread 1007 each second.
 */
export function* straceText(bytes) {
  const random = randomOf(2);
  let us = 0;
  let syncs = 0;
  let written = 0;
  const split = new Map();
  for (let i = 0; i < 40; i++) {
    us += 10;
    const line = `${1000 + i}  1700000000.${String(us).padStart(6, '0')} execve("/usr/sbin/daemon-${i}", ["daemon-${i}"], 0x7ffd2c0a3e58 /* 21 vars */) = 0 <0.000009>\n`;
    written += line.length;
    yield line;
  }
  while (written < bytes) {
    us += 1 + random(80);
    const tid = 1000 + random(40);
    const stamp = `1700${String(Math.floor(us / 1e6)).padStart(6, '0')}.${String(us % 1e6).padStart(6, '0')}`;
    const took = `<0.000${String(random(1000)).padStart(3, '0')}>`;
    const prefix = `${String(tid).padEnd(5)} ${stamp}`;
    let line;
    const waiting = split.get(tid);
    if (waiting) {
      split.delete(tid);
      line = `${prefix} <... ${waiting} resumed>"GET /index HTTP/1.1\\r\\n"..., 4096) = ${random(4096)} ${took}\n`;
    } else {
      const kind = random(100);
      if (us > syncs * 1_000_000 && tid === 1007) {
        syncs++;
        line = `${prefix} fsync(${random(30)}) = 0 ${took}\n`;
      } else if (kind < 10) {
        split.set(tid, 'read');
        line = `${prefix} read(${random(200)},  <unfinished ...>\n`;
      } else if (kind < 40)
        line = `${prefix} read(${random(200)}, "${'x'.repeat(random(32))}", 4096) = ${random(4096)} ${took}\n`;
      else if (kind < 60)
        line = `${prefix} write(${random(200)}, "abc, \\"d\\")\\n"..., ${random(9000)}) = ${random(9000)} ${took}\n`;
      else if (kind < 80)
        line = `${prefix} epoll_wait(${random(20)}, [{events=EPOLLIN, data={u32=${random(99)}, u64=${random(99)}}}], 64, 1000) = 1 ${took}\n`;
      else if (kind < 90)
        line = `${prefix} futex(0x7f${random(1e9)}, FUTEX_WAIT_PRIVATE, ${random(9)}, NULL) = -1 EAGAIN (Resource temporarily unavailable) ${took}\n`;
      else
        line = `${prefix} openat(AT_FDCWD, "/srv/www/file-${random(1e6)}", O_RDONLY|O_CLOEXEC) = ${random(200)} ${took}\n`;
    }
    written += line.length;
    yield line;
  }
}

/**
 * pcap, microseconds, Ethernet: TCP of a hundred flows with up to 1460 bytes of data (tcpdump -s 256 keeps less), some
 * UDP and ARP; a VRRP advertisement each second but for `stalls` silences of 5 s.
 */
export function* pcapBytes(bytes, stalls = 2, snapLength = 256) {
  const random = randomOf(3);
  const header = Buffer.alloc(24);
  for (const [at, value] of [
    [0, 0xa1b2c3d4],
    [4, 0x00040002],
    [16, snapLength],
    [20, 1],
  ])
    header.writeUInt32LE(value, at);
  yield header;
  const usPerPacket = 400;
  const totalUs = (bytes / 200) * usPerPacket;
  let us = 0;
  let beatUs = 500_000;
  let stalled = 0;
  let written = header.length;
  const frame = Buffer.alloc(16 + snapLength, 'x');
  while (written < bytes) {
    us += 1 + random(usPerPacket * 2);
    const kind = us >= beatUs ? 112 : random(20) === 0 ? 17 : 6;
    const length =
      14 +
      20 +
      (kind === 112 ? 20 : kind === 17 ? 8 + random(400) : 32 + (random(2) === 0 ? 0 : random(1460)));
    const captured = Math.min(length, snapLength);
    if (kind === 112) {
      beatUs += 1_000_300;
      if (stalled < stalls && us > (totalUs * (stalled + 1)) / (stalls + 1)) {
        stalled++;
        beatUs += 4_000_000;
      }
    }
    frame.writeUInt32LE(1_700_000_000 + Math.floor(us / 1e6), 0);
    frame.writeUInt32LE(us % 1e6, 4);
    frame.writeUInt32LE(captured, 8);
    frame.writeUInt32LE(length, 12);
    frame.fill(0, 16, 16 + 62);
    frame.writeUInt16BE(0x0800, 28);
    frame[30] = 0x45;
    frame.writeUInt16BE(length - 14, 32);
    frame[38] = 255;
    frame[39] = kind;
    const flow = random(100);
    frame.writeUInt32BE(0x0a000001 + flow, 42);
    frame.writeUInt32BE(kind === 112 ? 0xe0000012 : 0x0a000101, 46);
    if (kind === 112) frame.writeUInt32BE(0x21339601, 50);
    else {
      frame.writeUInt16BE(40_000 + flow, 50);
      frame.writeUInt16BE(kind === 17 ? 5000 : 80, 52);
      if (kind === 17) frame.writeUInt16BE(length - 34, 54);
      else frame.writeUInt16BE(0x8018, 62);
    }
    written += 16 + captured;
    yield Buffer.from(frame.subarray(0, 16 + captured));
  }
}

/** Writes the lines, or packets, to `path` unless it stands there already; gives its size in bytes. */
export function write(path, parts) {
  try {
    return statSync(path).size;
  } catch {
    // To be made.
  }
  const fd = openSync(`${path}.part`, 'w');
  let chunk = [];
  let length = 0;
  const flush = () => {
    writeSync(fd, typeof chunk[0] === 'string' ? chunk.join('') : Buffer.concat(chunk));
    chunk = [];
    length = 0;
  };
  for (const part of parts) {
    chunk.push(part);
    length += part.length;
    if (length > CHUNK) flush();
  }
  if (length > 0) flush();
  closeSync(fd);
  renameSync(`${path}.part`, path);
  return statSync(path).size;
}
