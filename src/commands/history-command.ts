// `contrail history`: the events of a document, as lines or as JSON.

import { LogReader, maxListed } from '../log/log-reader.js';
import type { EventFilter } from '../model/event-log.js';
import { type EventKind, type EventSummary, eventKinds } from '../model/events.js';
import { documentStream, parseUserId } from '../model/ids.js';
import { formatTime } from '../model/time.js';
import { type Invocation, notFound, parsed, UsageError } from './command.js';
import { documentIdOf, existingDatabase } from './database.js';
import { type ExitCode, exitCodes } from './exit-codes.js';

export const history = async (invocation: Invocation): Promise<ExitCode> => {
  const { terminal } = invocation;
  const id = documentIdOf(invocation.args[0] ?? '');
  const filter = filterOf(invocation);
  const log = new LogReader(existingDatabase(invocation));
  try {
    const stream = documentStream(id);
    if ((await log.head(stream)) === null) throw notFound(`There is no document "${id}".`);
    const line = invocation.flag('json') ? jsonLine : textLine;
    let left = invocation.whole('limit', 1) ?? maxListed;
    for (let page = filter; left > 0; ) {
      const events = await log.list(stream, { ...page, limit: Math.min(left, maxListed) });
      for (const event of events) await terminal.write(`${line(event)}\n`);
      left -= events.length;
      const last = events.at(-1);
      if (!last || events.length < maxListed) break;
      page = page.order === 'asc' ? { ...page, after: last.seq } : { ...page, before: last.seq };
    }
    return exitCodes.done;
  } finally {
    log.close();
  }
};

const filterOf = (invocation: Invocation): Omit<EventFilter, 'limit'> => {
  const actor = invocation.text('actor');
  const kinds = invocation.text('kind')?.split(',').map(kindOf);
  const [after, before] = [invocation.whole('after', 0), invocation.whole('before', 1)];
  const [since, until] = [invocation.time('since'), invocation.time('until')];
  return {
    order: invocation.text('order') === 'asc' ? 'asc' : 'desc',
    ...(actor === undefined ? {} : { actor: parsed(parseUserId(actor), `"${actor}" is no user id.`) }),
    ...(kinds === undefined ? {} : { kinds }),
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
};

const kindOf = (text: string): EventKind => {
  const kind = eventKinds.doc.find((known) => known === text);
  if (kind) return kind;
  throw new UsageError(`"${text}" is no kind of event. Documents have ${eventKinds.doc.join(', ')}.`);
};

const jsonLine = ({ id, seq, at, actor, kind, bytes, meta }: EventSummary): string =>
  JSON.stringify({ seq, id, at: formatTime(at), actor, kind, bytes, meta });

const textLine = ({ seq, at, actor, kind, bytes, meta }: EventSummary): string =>
  [
    String(seq).padStart(7),
    formatTime(at),
    kind.padEnd(8),
    // Names come from outside: a terminal must not obey them.
    plain(actor).padEnd(16),
    `${String(bytes).padStart(7)} B`,
    meta === null ? '' : plain(JSON.stringify(meta)),
  ]
    .join('  ')
    .trimEnd();

const plain = (text: string): string => text.replace(/\p{C}/gu, '\u{fffd}');
