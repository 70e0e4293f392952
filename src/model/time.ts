/** Lengths of time that several stages share, in nanoseconds. */

export const DAY_NS = 86_400e9;

/**
 * Events of different CPUs are merged by their times and come out of order by some microseconds now and then: up
 * to here that is ordinary, and an event is put where it belongs; a larger step back is one of the clock.
 */
export const LATE_NS = 1_000_000;
