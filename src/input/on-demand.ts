/** Modules that few runs need: each costs a start-up one to four milliseconds, so they are loaded on demand. */
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/** A module of Node or a dependency, by name. */
export function onDemand<T>(name: string): T {
  return load(name) as T;
}
