/**
 * Events that are no system calls: switches, signals, the end of a thread, marks of the capture. They have no exit;
 * sysdig prints them with `>`.
 */
export const POINT_EVENTS: ReadonlySet<string> = new Set(
  'switch procexit signaldeliver stopped page_fault drop scapevent sysdigevent container procinfo cpu_hotplug k8s mesos tracer notification infra useradded userdeleted groupadded groupdeleted asyncevent pluginevent'.split(
    ' ',
  ),
);
