// A document with its whole history as lines of JSON (NDJSON): a header, then every event. Several documents may follow one another.
//
//   {"contrail":1,"document":"plan","title":"Plan","head":2}
//   {"seq":1,"at":"2026-11-25T20:15:00.000Z","actor":"alice","kind":"created","payload":null,"meta":{…}}
//   {"seq":2,"at":"2026-11-25T20:15:01.250Z","actor":"bob","kind":"edit","payload":"AQHv…","meta":null}
//
// `payload` is base64. The header says how many events follow, so that a file that was cut short is noticed.

import { type EventKind, eventKinds, type LoggedEvent } from '../model/events.js';
import { type DocumentId, documentStream, parseDocumentId, parseUserId, type UserId } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';
import { formatTime } from '../model/time.js';
import { UnreadableSource } from './byte-cursor.js';

export interface ArchiveHeader {
  readonly document: DocumentId;
  readonly title: string;
  readonly head: number;
}

export interface ArchivedEvent {
  readonly seq: number;
  readonly at: number;
  readonly actor: UserId;
  readonly kind: EventKind;
  readonly payload: Uint8Array | null;
  readonly meta: JsonObject | null;
}

export type ArchiveLine =
  | { readonly type: 'document'; readonly header: ArchiveHeader }
  | { readonly type: 'event'; readonly event: ArchivedEvent };

const formatVersion = 1;

export const headerLine = ({ document, title, head }: ArchiveHeader): string =>
  `${JSON.stringify({ contrail: formatVersion, document, title, head })}\n`;

export const eventLine = ({ seq, at, actor, kind, payload, meta }: LoggedEvent): string =>
  `${JSON.stringify({ seq, at: formatTime(at), actor, kind, payload: payload === null ? null : Buffer.from(payload).toString('base64'), meta })}\n`;

/** Reads one line. Throws `UnreadableSource`. */
export const readArchiveLine = (text: string): ArchiveLine => {
  const line = parseObject(text);
  if ('contrail' in line) return { type: 'document', header: readHeader(line) };
  return { type: 'event', event: readEvent(line) };
};

/** The lines of an archive, put together: each document with its events, in order and complete. Throws `UnreadableSource` with the line. */
export async function* readArchive(
  lines: AsyncIterable<string>,
): AsyncGenerator<ArchiveLine & { readonly line: number }, void> {
  let line = 0;
  let current: ArchiveHeader | null = null;
  let seq = 0;
  const fail = (detail: string): never => {
    throw new UnreadableSource(`Line ${line}: ${detail}.`);
  };
  const assertComplete = (): void => {
    if (current && seq !== current.head) fail(`"${current.document}" ends at seq ${seq} of ${current.head}`);
  };
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    let read: ArchiveLine;
    try {
      read = readArchiveLine(text);
    } catch (error) {
      if (error instanceof UnreadableSource) return fail(error.message);
      throw error;
    }
    if (read.type === 'document') {
      assertComplete();
      current = read.header;
      seq = 0;
    } else {
      if (!current) return fail('an event stands before the first document');
      if (read.event.seq !== seq + 1) return fail(`seq ${seq + 1} of "${current.document}" is missing`);
      if (read.event.seq > current.head) return fail(`"${current.document}" has more events than its header says`);
      seq = read.event.seq;
    }
    yield { ...read, line };
  }
  assertComplete();
  if (!current) fail('there is no document in it');
}

const parseObject = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new UnreadableSource('it is no JSON object');
};

const readHeader = ({ contrail, document, title, head, ...rest }: Readonly<Record<string, unknown>>): ArchiveHeader => {
  refuseUnknown(rest);
  if (contrail !== formatVersion)
    throw new UnreadableSource(`it has format ${String(contrail)}, and ${formatVersion} is read here`);
  const id = typeof document === 'string' ? parseDocumentId(document) : null;
  if (id === null) throw new UnreadableSource('"document" is no document id');
  if (typeof title !== 'string') throw new UnreadableSource('"title" is no text');
  if (!isSeq(head)) throw new UnreadableSource('"head" is no seq');
  return { document: id, title, head };
};

const readEvent = ({
  seq,
  at,
  actor,
  kind,
  payload,
  meta,
  ...rest
}: Readonly<Record<string, unknown>>): ArchivedEvent => {
  refuseUnknown(rest);
  const time =
    typeof at === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(at) ? Date.parse(at) : Number.NaN;
  const known = eventKinds.doc.find((each) => each === kind);
  const user = typeof actor === 'string' ? parseUserId(actor) : null;
  if (!isSeq(seq)) throw new UnreadableSource('"seq" is no seq');
  if (!Number.isFinite(time)) throw new UnreadableSource('"at" is no time');
  if (user === null) throw new UnreadableSource('"actor" is no user id');
  if (!known) throw new UnreadableSource('"kind" is no kind of a document\'s events');
  if (meta !== null && (typeof meta !== 'object' || Array.isArray(meta)))
    throw new UnreadableSource('"meta" is no object');
  return { seq, at: time, actor: user, kind: known, payload: readPayload(payload), meta: meta as JsonObject | null };
};

const readPayload = (payload: unknown): Uint8Array | null => {
  if (payload === null) return null;
  if (typeof payload === 'string' && payload.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(payload))
    return Buffer.from(payload, 'base64');
  throw new UnreadableSource('"payload" is not base64');
};

const refuseUnknown = (rest: object): void => {
  const [name] = Object.keys(rest);
  if (name !== undefined) throw new UnreadableSource(`"${name}" is not known here`);
};

const isSeq = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;

/** The event as the log takes it. */
export const newEventOf = (id: DocumentId, { at, actor, kind, payload, meta }: ArchivedEvent) => ({
  stream: documentStream(id),
  at,
  actor,
  kind,
  payload,
  meta,
});
