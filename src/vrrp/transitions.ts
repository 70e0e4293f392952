/** What happens to a virtual router: senders begin, take over, resign, and compete. */
import type { Takeover } from '../model/vrrp.js';
import { masterDownNs, reckonedVersion, skewNs } from './protocol.js';
import { isOnTime, outranks, overdueNs, type Router, rivals, type Sender, type State } from './router.js';

/** Kept for the report, per router. */
const TOLD = 500;
const STATES_KEPT = 4096;
/** Adverts that cross on the wire are no second master. */
const CROSSING_NS = 5e7;

/** Goes on with the sender's state, or begins one. */
export function advance(sender: Sender, t: number, intervalNs: number | null): void {
  const { state } = sender;
  const isOverdue = state !== null && !isOnTime(sender, t);
  if (state !== null && !isOverdue && state.priority === sender.priority && state.intervalNs === intervalNs) {
    state.toNs = t;
    state.adverts++;
    // It went on in spite of the one that should have ended it.
    state.ended = null;
    return;
  }
  const { reason, afterNs }: Beginning =
    state !== null && !isOverdue ? { reason: 'changed', afterNs: t - sender.lastNs } : beginning(sender, t);
  if (state !== null) state.ended ??= isOverdue ? 'silent' : 'changed';
  const { priority } = sender;
  sender.state = {
    fromNs: t,
    toNs: t,
    sender,
    priority,
    intervalNs,
    adverts: 1,
    reason,
    afterNs,
    ended: null,
  };
  addState(sender.router, sender.state);
}

/** The sender resigns with priority 0. */
export function release(sender: Sender, t: number): void {
  const { router } = sender;
  if (sender.state === null) {
    if (router.released?.sender === sender) return;
    sender.state = {
      fromNs: t,
      toNs: t,
      sender,
      priority: 0,
      intervalNs: sender.intervalNs,
      adverts: 0,
      reason: 'first-seen',
      afterNs: null,
      ended: null,
    };
    addState(router, sender.state);
  }
  sender.state.toNs = t;
  sender.state.adverts++;
  sender.state.ended = 'released';
  sender.state = null;
  router.released = { sender, atNs: t };
}

type Beginning = Pick<State, 'reason' | 'afterNs'>;

/** Why a sender begins to advertise at `t`; a change of the master is noted. */
function beginning(sender: Sender, t: number): Beginning {
  const { router } = sender;
  const { released } = router;
  if (released !== null && released.sender !== sender) {
    noteTakeover(sender, released.sender, 'after-release', t, t - released.atNs);
    return { reason: 'after-release', afterNs: t - released.atNs };
  }
  const other = rivals(sender).findLast((one) => one.lastNs >= sender.lastNs);
  if (other === undefined) {
    return Number.isFinite(sender.lastNs)
      ? { reason: 'resumed', afterNs: t - sender.lastNs }
      : { reason: 'first-seen', afterNs: null };
  }
  const silentNs = t - other.lastNs;
  const intervalNs = other.intervalNs ?? sender.intervalNs;
  const isHigher = outranks(sender, other);
  let reason: Takeover['reason'];
  if (isOnTime(other, t)) {
    reason = isHigher ? 'preempted' : 'second-master';
  } else {
    const downNs =
      intervalNs === null || sender.priority === null
        ? 0
        : masterDownNs(reckonedVersion(router.version, intervalNs), sender.priority, intervalNs);
    reason = isHigher && silentNs < downNs * 0.98 ? 'preempted' : 'took-over';
  }
  if (reason !== 'second-master') other.state.ended = reason === 'preempted' ? 'preempted' : 'silent';
  noteTakeover(sender, other, reason, t, silentNs);
  return { reason, afterNs: silentNs };
}

function noteTakeover(
  sender: Sender,
  other: Sender,
  reason: Takeover['reason'],
  atNs: number,
  afterNs: number,
): void {
  const { router } = sender;
  router.takeoverCount++;
  if (router.takeovers.length === TOLD) return;
  const { name: from, intervalNs } = other;
  const { priority } = sender;
  let expectedNs: number | null = null;
  if (priority !== null && intervalNs !== null && (reason === 'took-over' || reason === 'after-release')) {
    const version = reckonedVersion(router.version, intervalNs);
    expectedNs = (reason === 'took-over' ? masterDownNs : skewNs)(version, priority, intervalNs);
  }
  router.takeovers.push({ atNs, from, by: sender.name, priority, reason, afterNs, expectedNs });
}

/**
 * Two masters at once: this sender goes on, though it must have heard another one since its own last advert, and
 * that one spoke though it must have heard this one. Neither was late.
 */
export function noteSplitBrain(router: Router, sender: Sender, t: number): void {
  if (sender.state === null || !isOnTime(sender, t)) return;
  const marginNs = Math.min(CROSSING_NS, overdueNs(sender) / 8);
  for (const other of rivals(sender)) {
    if (!isOnTime(other, t)) continue;
    if (other.lastNs > t - marginNs || other.lastNs < sender.lastNs + marginNs) continue;
    const masters = [other.name, sender.name].sort() as [string, string];
    const known = router.splitBrain.findLast(
      (one) => one.masters[0] === masters[0] && one.masters[1] === masters[1],
    );
    if (known !== undefined && t - known.toNs < 2 * Math.max(overdueNs(sender), overdueNs(other))) {
      known.toNs = t;
      continue;
    }
    router.splitBrainCount++;
    if (router.splitBrain.length === TOLD) continue;
    router.splitBrain.push({ fromNs: Math.max(other.state.fromNs, sender.state.fromNs), toNs: t, masters });
  }
}

function addState(router: Router, state: State): void {
  router.stateCount++;
  if (router.toldStates.length < TOLD) router.toldStates.push(state);
  router.states.push(state);
  if (router.states.length > STATES_KEPT) router.states = router.states.slice(STATES_KEPT / 2);
}
