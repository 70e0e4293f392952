/** Turns of the event loop during long work: chunks are unpacked ahead meanwhile, and an interrupt is heard. */

/** Work done between two turns. */
const TURN_MS = 1;

let turnedMs = 0;

export function isTurnDue(): boolean {
  return performance.now() - turnedMs >= TURN_MS;
}

/** Resolves in the next turn if the last one is a while ago; undefined if it is not. */
export function turn(): Promise<void> | undefined {
  if (!isTurnDue()) return undefined;
  return new Promise((resolve) => {
    setImmediate(() => {
      turnedMs = performance.now();
      resolve();
    });
  });
}
