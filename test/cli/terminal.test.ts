/** Widths, colour, progress and paced writing, without a terminal. */
import { Writable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { ProgressLine, progressText } from '../../src/cli/progress.js';
import { ReportWriter, reportWidths, wantsColor } from '../../src/cli/terminal.js';

const tty = { isTTY: true, columns: 132 };

describe('widths', () => {
  it('are the terminal’s', () => {
    expect(reportWidths(tty, { COLUMNS: '50' })).toEqual({ width: 132, eventWidth: 132 });
    expect(reportWidths({ isTTY: true }, {})).toEqual({ width: 80, eventWidth: 80 });
  });

  it('leave event lines wider where nothing wraps them', () => {
    expect(reportWidths({}, {})).toEqual({ width: 100, eventWidth: 160 });
    expect(reportWidths({}, { COLUMNS: '80' })).toEqual({ width: 80, eventWidth: 160 });
    expect(reportWidths({}, { COLUMNS: '200' })).toEqual({ width: 200, eventWidth: 200 });
    expect(reportWidths({}, { COLUMNS: 'x' })).toEqual({ width: 100, eventWidth: 160 });
  });
});

describe('colour', () => {
  it.each([
    ['auto', tty, {}, true],
    ['auto', {}, {}, false],
    ['auto', tty, { TERM: 'dumb' }, false],
    ['auto', tty, { NO_COLOR: '1' }, false],
    ['auto', tty, { NO_COLOR: '' }, true],
    ['auto', {}, { FORCE_COLOR: '1' }, true],
    ['auto', {}, { FORCE_COLOR: '' }, true],
    ['auto', tty, { FORCE_COLOR: '0' }, false],
    ['auto', {}, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
    ['always', {}, { NO_COLOR: '1' }, true],
    ['never', tty, { FORCE_COLOR: '1' }, false],
  ] as const)('%s %j %j: %s', (choice, screen, env, expected) => {
    expect(wantsColor(choice, screen, env)).toBe(expected);
  });
});

describe('progress', () => {
  it('says share, rate, gaps and what is left', () => {
    const at = { bytes: 170e6, totalBytes: 404e6, gaps: 3 };
    expect(progressText(at, 2000)).toBe('sysgap: 42 % of 404 MB, 85 MB/s, 3 gaps, 3 s left');
    expect(progressText({ ...at, totalBytes: 40.4e9 }, 2000)).toBe(
      'sysgap: 0 % of 40.4 GB, 85 MB/s, 3 gaps, 8 min left',
    );
    expect(progressText({ bytes: 5e6, totalBytes: null, gaps: 1 }, 2000)).toBe(
      'sysgap: 5.0 MB read, 2.5 MB/s, 1 gap',
    );
  });

  it('is drawn after a second, ten times a second, in one line, and taken away', () => {
    let now = 0;
    const write = vi.fn();
    const line = new ProgressLine({ columns: 20, write }, () => now);
    const at = { bytes: 1e6, totalBytes: 4e6, gaps: 0 };
    now = 999;
    line.update(at);
    line.clear();
    expect(write).not.toHaveBeenCalled();
    for (now = 1000; now < 1200; now += 10) line.update(at);
    expect(write.mock.calls).toEqual([['\rsysgap: 25 % of 4.0\x1b[K'], ['\rsysgap: 25 % of 4.0\x1b[K']]);
    line.clear();
    line.clear();
    expect(write.mock.calls.slice(2)).toEqual([['\r\x1b[K']]);
  });
});

describe('writing', () => {
  it('waits for a slow reader', async () => {
    let release: (() => void) | undefined;
    const slow = new Writable({
      highWaterMark: 4,
      write: (_chunk, _encoding, done) => {
        release = done;
      },
    });
    const writer = new ReportWriter(slow, () => {});
    let written = false;
    const writing = writer.write('more than four').then((more) => {
      written = true;
      return more;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBe(false);
    release!();
    expect(await writing).toBe(true);
  });

  it.each([
    ['EPIPE', undefined],
    ['ENOSPC', 'no room'],
  ])('ends on %s', async (code, failure) => {
    const broken = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('no room'), { code })),
    });
    const gone = vi.fn();
    const writer = new ReportWriter(broken, gone);
    expect(await writer.write('text')).toBe(false);
    expect(await writer.write('text')).toBe(false);
    await writer.flush();
    expect(gone).toHaveBeenCalledTimes(1);
    expect(writer.failure?.message).toBe(failure);
  });
});
