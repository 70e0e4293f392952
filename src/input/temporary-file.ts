/** Files for what is more than memory should hold. */
import { openSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onDemand } from './on-demand.js';

/**
 * Readable by its owner alone, under a name that can't be guessed, and without that name at once: the file
 * lives as long as its descriptor, so that not even a killed process leaves it behind.
 */
export function openTemporaryFile(): number {
  const { randomBytes } = onDemand<typeof import('node:crypto')>('node:crypto');
  const path = join(tmpdir(), `sysgap-${randomBytes(16).toString('hex')}`);
  const fd = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return fd;
}
