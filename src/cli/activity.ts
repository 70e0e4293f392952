/** `sysgap activity`: what a machine did through a stretch of a trace. */
import {
  type ActivityReport,
  activity,
  activityJson,
  activityText,
  renderDamage,
  renderDiagnostics,
} from '../index.js';
import type { Request } from './command-line.js';
import { printDiagnostics, printReport } from './print-report.js';
import { reportWidths, wantsColor } from './terminal.js';

type ActivityRequest = Extract<Request, { kind: 'activity' }>;

/** Carries out the request; resolves with the exit status. Throws UsageError. */
export async function activityCommand(request: ActivityRequest): Promise<number> {
  let found: ActivityReport | undefined;
  const printed = await printReport('sysgap activity', request.files, async function* (hooks) {
    const { inputs, ...rest } = hooks;
    found = await activity(inputs, { ...request.options, ...rest });
    if (request.output === 'json') yield activityJson(found);
    else
      yield await activityText(found, {
        width: reportWidths(process.stdout, process.env).width,
        color: wantsColor(request.color, process.stdout, process.env),
      });
  });
  if (found !== undefined && !printed.gone)
    printDiagnostics((request.output === 'json' ? renderDiagnostics : renderDamage)(found));
  return printed.status;
}
