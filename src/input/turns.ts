/** Turns of the event loop during long work: chunks are unpacked ahead meanwhile, and an interrupt is heard. */

/** Work done between two turns. */
const TURN_MS = 1;

let turnedMs = 0;

/** Milliseconds since the process began. `performance` would load eight modules of Node's, 2 ms. */
export function nowMs(): number {
  return process.uptime() * 1000;
}

export function isTurnDue(): boolean {
  return nowMs() - turnedMs >= TURN_MS;
}

/** Resolves in the next turn if the last one is a while ago; undefined if it is not. */
export function turn(): Promise<void> | undefined {
  if (!isTurnDue()) return undefined;
  return new Promise((resolve) => {
    setImmediate(() => {
      turnedMs = nowMs();
      resolve();
    });
  });
}
