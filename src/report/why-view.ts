/**
 * Why a gap came, under its title. The cause and the sentence stand first, so that two lines tell it; what
 * follows proves it: events, the thread's states, the CPUs, who else ran; then what to look at next.
 */
import { escapeControl } from '../model/escape.js';
import type { CallClass, Cause } from '../model/findings.js';
import type { Gap } from '../model/gap.js';
import type { FormatName } from '../model/trace.js';
import { eventNumbers, factLines, stateLines } from './activity-view.js';
import type { CpuStyle } from './cpu-view.js';
import { processLabel } from './event-lines.js';
import { cutToWidth, wrapText } from './width.js';

/** Why a gap has no cause: the run was told not to look, or to look at the longest ones only. */
export type Uninvestigated =
  | { readonly kind: 'not-asked' }
  | { readonly kind: 'only-longest'; readonly most: number };

export interface WhyStyle extends CpuStyle {
  readonly eventWidth: number;
  readonly uninvestigated: Uninvestigated;
}

const EVIDENCE_SHOWN = 8;
const RAW_SHOWN = 4;
const INDENT = '    ';

/** The cause and the sentence; or that there was no investigation, where others had one. */
export function sentenceLines(gap: Gap, { width, paint, uninvestigated }: WhyStyle): string[] {
  if (gap.summary === null || gap.cause === null) {
    if (uninvestigated.kind === 'not-asked') return [];
    const { most } = uninvestigated;
    const which = most === 1 ? 'the longest is' : `the ${most} longest are`;
    return wrapText(`  not investigated: only ${which} (--why all)`, width, 4);
  }
  const told = `${causeInWords(gap.cause, gap.call, gap.class)}: ${gap.summary}`;
  return wrapText(`  ${escapeControl(told)}`, width, 2).map(paint.heading);
}

/** What proves it and what else was going on; `format` is that of the gap's source. */
export function proofLines(gap: Gap, format: FormatName, style: WhyStyle): string[] {
  const { activity } = gap;
  const event = gap.start ?? gap.end;
  const factsStyle = { ...style, format };
  return [
    ...evidenceLines(gap, format, style),
    ...(activity === null || event === null
      ? []
      : stateLines(processLabel(event), activity.subject, factsStyle)),
    ...(activity === null ? [] : factLines(activity, gap.durationNs, factsStyle)),
    ...contributingLines(gap, style),
    ...nextLines(gap),
  ];
}

/** `blocked in fsync (disk)`; a cause that is not known is told as such. */
function causeInWords(cause: Cause, call: string | null, cls: CallClass | null): string {
  const word = cause === 'unknown' ? 'cause unknown' : cause;
  const place = call === null ? '' : ` in ${call}`;
  return `${word}${place}${cls === null || cls === 'other' ? '' : ` (${cls})`}`;
}

function evidenceLines(gap: Gap, format: FormatName, style: WhyStyle): string[] {
  const lines: string[] = [];
  const shown = new Set<string>();
  for (const { text, nums, raw } of (gap.evidence ?? []).slice(0, EVIDENCE_SHOWN)) {
    const told = statement(text, eventNumbers(nums, format), gap.summary);
    if (told === '') continue;
    lines.push(...wrapText(`  - ${told}`, style.width, 4));
    const fresh = raw.filter((line) => !shown.has(line));
    for (const line of fresh.slice(0, RAW_SHOWN)) {
      shown.add(line);
      const fitted = cutToWidth(escapeControl(line).trimEnd(), style.eventWidth - INDENT.length - 2);
      lines.push(style.paint.quiet(`${INDENT}  ${fitted}`));
    }
    if (fresh.length > RAW_SHOWN) lines.push(`${INDENT}  … and ${fresh.length - RAW_SHOWN} more`);
  }
  return lines;
}

/** A statement that the sentence makes already is not made twice: only its events are named. */
function statement(text: string, numbers: string, summary: string | null): string {
  return summary?.includes(text) ? numbers.slice(1, -1) : `${escapeControl(text)} ${numbers}`.trimEnd();
}

function contributingLines(gap: Gap, { width }: WhyStyle): string[] {
  return (gap.contributing ?? []).flatMap(({ cause, summary }) =>
    wrapText(`  also ${causeInWords(cause, null, null)}: ${escapeControl(summary)}`, width, 4),
  );
}

/** Never wrapped or cut: a command is there to be copied. */
function nextLines(gap: Gap): string[] {
  const steps = (gap.next ?? []).map((command) => `${INDENT}${escapeControl(command)}`);
  return steps.length === 0 ? [] : ['  look at next', ...steps];
}
