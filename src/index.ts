/** The public API of sysgap. The command line uses nothing else. */

export { activity } from './activity.js';
export {
  checkFilter,
  compileField,
  compileFilter,
  type FilterAst,
  filterNeeds,
  formatFilter,
  parseFilter,
} from './filter/filter.js';
export { findConversations } from './find-conversations.js';
export { findGaps, type GapInput, type GapRun } from './find-gaps.js';
export type {
  Decoder,
  EventRef,
  Format,
  LineCounts,
  Sample,
  Verdict,
} from './formats/format.js';
export { chooseDecoder, FORMATS } from './formats/registry.js';
export { blockOfLines, type LineBlock } from './input/blocks.js';
export { jsonReport } from './json-report.js';
export type { ActivityReport } from './model/activity-report.js';
export * from './model/conversations.js';
export { formatDuration, parseDuration } from './model/duration.js';
export { escapeControl } from './model/escape.js';
export { ABSENT, type EventRecord, EventView, toRecord } from './model/event.js';
export type { CallResult, EventFields, Fd, FieldNeeds, ProcessInfo } from './model/event-fields.js';
export { FIELDS, type FieldSpec } from './model/field-table.js';
export type * from './model/findings.js';
export type { Gap, Progress, Rhythm, RunReport, SourceReport } from './model/gap.js';
export { type ClockOffset, type ClockOffsets, type Elsewhere, parseClockOffset } from './model/join.js';
export type * from './model/logs.js';
export { nearestName } from './model/nearest-name.js';
export {
  type ActivityOptions,
  type ConversationOptions,
  type GapOptions,
  INVESTIGATED,
} from './model/options.js';
export { type Problem, UsageError, type UsageErrorCode } from './model/problem.js';
export type { FormatName, Timebase, TraceTraits } from './model/trace.js';
export { parseUtcOffset } from './model/utc-offset.js';
export type * from './model/vrrp.js';
export { type ParseOptions, parseEvents } from './parse-events.js';
export { activityText } from './report/activity-text.js';
export { conversationsText } from './report/conversations-text.js';
export { renderDamage, renderDiagnostics, renderMessage } from './report/diagnostics.js';
export { activityJson, conversationsJson, ndjsonReport } from './report/json.js';
export { type GapOrder, type TextOptions, textReport } from './report/text.js';
export { version } from './report/version.js';
