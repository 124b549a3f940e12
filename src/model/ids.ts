// Identifiers as branded strings: only the parse functions here make them, so a value of the type has been checked.
// Sources: document ids in docs/wire.md, "Connecting"; streams in docs/log.md.

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** 1 to 128 characters of `A-Z a-z 0-9 . _ ~ : @ / -`, without empty, `.` or `..` segments. */
export type DocumentId = Branded<'DocumentId'>;
/** 1 to 128 characters, no control characters, no surrounding blanks. */
export type UserId = Branded<'UserId'>;
/** One ordered sequence of events, `<type>/<name>`: `doc/plan`, `flight/FL-001`, `inbox/alice`. */
export type StreamName = Branded<'StreamName'>;

const documentIdPattern = /^[A-Za-z0-9._~:@/-]{1,128}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const userIdPattern = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,128}$/;

export const parseDocumentId = (text: string): DocumentId | null => {
  if (!documentIdPattern.test(text)) return null;
  for (const segment of text.split('/')) if (segment === '' || segment === '.' || segment === '..') return null;
  return text as DocumentId;
};

export const parseUserId = (text: string): UserId | null =>
  userIdPattern.test(text) && text.trim() === text && text.isWellFormed() ? (text as UserId) : null;

/** The actor of what the server does by itself. No person can have this id. */
export const systemActor = 'system' as UserId;
/** The actor in open mode when nobody said who they are. */
export const anonymousActor = 'anonymous' as UserId;

export type StreamType =
  | 'doc'
  | 'flight'
  | 'inbox'
  | 'broadcast'
  | 'board'
  | 'view'
  | 'channels'
  | 'preferences'
  | 'person'
  | 'request'
  | 'webhook';

export const streamName = (type: StreamType, name: string): StreamName => `${type}/${name}` as StreamName;
export const documentStream = (id: DocumentId): StreamName => streamName('doc', id);

/** Splits a stream's name at its first slash; `null` when it has none. */
export const parseStreamName = (stream: string): { readonly type: string; readonly name: string } | null => {
  const slash = stream.indexOf('/');
  return slash <= 0 ? null : { type: stream.slice(0, slash), name: stream.slice(slash + 1) };
};
