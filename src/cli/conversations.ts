/** `sysgap --conversations`: how long the two ends of each connection let each other wait. */
import {
  type ConversationsReport,
  conversationsJson,
  conversationsText,
  findConversations,
  renderDamage,
  renderDiagnostics,
} from '../index.js';
import type { Request } from './command-line.js';
import { printDiagnostics, printReport } from './print-report.js';
import { reportWidths, wantsColor } from './terminal.js';

type ConversationsRequest = Extract<Request, { kind: 'conversations' }>;

/** Carries out the request; resolves with the exit status. Throws UsageError. */
export async function conversationsCommand(request: ConversationsRequest): Promise<number> {
  let found: ConversationsReport | undefined;
  const printed = await printReport('sysgap --conversations', request.files, async function* (hooks) {
    const { inputs, ...rest } = hooks;
    found = await findConversations(inputs, { ...request.options, ...rest });
    if (request.output === 'json') yield conversationsJson(found);
    else
      yield await conversationsText(found, {
        width: reportWidths(process.stdout, process.env).width,
        color: wantsColor(request.color, process.stdout, process.env),
      });
  });
  if (found !== undefined && !printed.gone)
    printDiagnostics(request.output === 'json' ? renderDiagnostics(found) : renderDamage(found));
  return printed.status;
}
