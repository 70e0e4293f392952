/**
 * What a Map of bounded size lets go: its oldest entries, an eighth of them at a time. A Map walks over what was
 * deleted in front of its first entry each time that it is asked for that one.
 */

/** The keys of the oldest entries, once there are more than `most`; otherwise none. */
export function oldestKeys<K>(map: ReadonlyMap<K, unknown> | ReadonlySet<K>, most: number): K[] {
  if (map.size <= most) return [];
  const keys: K[] = [];
  const count = map.size - most + Math.floor(most / 8);
  for (const key of map.keys()) {
    if (keys.push(key) >= count) break;
  }
  return keys;
}
