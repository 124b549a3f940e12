// Documents and their history as REST gives them.

import { callBytes, callJson, callText } from './rest.js';

export type Role = 'owner' | 'editor' | 'viewer';
export interface Lock {
  readonly userId: string;
  readonly until: string;
}
export interface DocumentInfo {
  readonly id: string;
  readonly title: string;
  readonly ownerId: string;
  readonly role: Role;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly seq: number;
  readonly lock: Lock | null;
  readonly activeUsers: readonly string[];
  readonly collaborators: readonly { readonly userId: string; readonly role: Role }[];
}
export interface EventInfo {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly kind: string;
  readonly bytes: number;
}
export interface Run {
  readonly text: string;
  readonly actor: string;
  readonly at: string;
  readonly seq: number;
}
export interface Change {
  readonly type: 'insert' | 'delete' | 'format' | 'set' | 'remove';
  readonly path: readonly (string | number)[];
  readonly actor: string;
  readonly at: string;
  readonly seq: number;
  readonly index?: number;
  readonly text?: string;
  readonly values?: readonly unknown[];
  readonly old?: unknown;
  readonly new?: unknown;
}
export interface Version {
  readonly id: number;
  readonly name: string;
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
}

/** What a document is edited with; its id's ending says so, and anything unknown is plain text. */
export type Kind = 'rich' | 'markdown' | 'code' | 'text';
const endings: readonly (readonly [RegExp, Kind])[] = [
  [/\.rich$/, 'rich'],
  [/\.md$/, 'markdown'],
  [/\.(ts|tsx|js|jsx|mjs)$/, 'code'],
];
export const kindOf = (id: string): Kind => endings.find(([ending]) => ending.test(id))?.[1] ?? 'text';
export const endingOf: Readonly<Record<Kind, string>> = { rich: '.rich', markdown: '.md', code: '.ts', text: '.txt' };
export const kindNames: Readonly<Record<Kind, string>> = {
  rich: 'Rich text',
  markdown: 'Markdown',
  code: 'Code',
  text: 'Plain text',
};

/** The root that both editors write: a Y.Text, or an XML fragment for rich text. */
export const contentName = 'content';

const at = (id: string): string => `/documents/${encodeURIComponent(id)}`;

export const newDocumentId = (title: string, kind: Kind): string => {
  const slug = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48);
  return `${slug || 'untitled'}-${crypto.randomUUID().slice(0, 4)}${endingOf[kind]}`;
};

export const listDocuments = async (): Promise<readonly DocumentInfo[]> =>
  (await callJson<{ documents: DocumentInfo[] }>('/documents', { query: { limit: 200 } })).documents;
export const createDocument = (id: string, title: string): Promise<DocumentInfo> =>
  callJson('/documents/create', { method: 'POST', body: { id, title } });
export const getDocument = (id: string): Promise<DocumentInfo> => callJson(at(id));
export const renameDocument = (id: string, title: string): Promise<DocumentInfo> =>
  callJson(at(id), { method: 'PATCH', body: { title } });
export const deleteDocument = (id: string): Promise<unknown> => callJson(at(id), { method: 'DELETE' });
export const shareDocument = (id: string, userIds: readonly string[], role: Role): Promise<DocumentInfo> =>
  callJson(`${at(id)}/share`, { method: 'POST', body: { userIds, role } });

export interface HistoryPage {
  readonly head: number;
  readonly events: readonly EventInfo[];
  readonly next: string | null;
}
export const historyPage = (id: string, query: Record<string, string | number>): Promise<HistoryPage> =>
  callJson(`${at(id)}/history`, { query });
export const textAt = (id: string, seq: number, signal: AbortSignal): Promise<string> =>
  callText(`${at(id)}/at`, { query: { seq, as: 'text', name: contentName }, signal });
export const updateAt = (id: string, seq: number, signal: AbortSignal): Promise<Uint8Array> =>
  callBytes(`${at(id)}/at`, { query: { seq, as: 'update' }, signal });
export const attributionAt = async (id: string, seq: number, signal: AbortSignal): Promise<readonly Run[]> =>
  (await callJson<{ runs: Run[] }>(`${at(id)}/attribution`, { query: { name: contentName, seq }, signal })).runs;
export const diffBetween = async (
  id: string,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<readonly Change[]> =>
  (await callJson<{ changes: Change[] }>(`${at(id)}/diff`, { query: { from, to }, signal })).changes;

export const listVersions = async (id: string): Promise<readonly Version[]> =>
  (await callJson<{ versions: Version[] }>(`${at(id)}/versions`)).versions;
export const nameVersion = (id: string, name: string, seq: number): Promise<unknown> =>
  callJson(`${at(id)}/versions`, { method: 'POST', body: { name, seq } });
export const removeVersion = (id: string, version: number): Promise<unknown> =>
  callJson(`${at(id)}/versions/${version}`, { method: 'DELETE' });

export interface RestoreAnswer {
  readonly seq: number;
  readonly changes?: readonly Change[];
}
export const restoreDocument = (id: string, seq: number, dryRun: boolean): Promise<RestoreAnswer> =>
  callJson(`${at(id)}/restore`, { method: 'POST', body: dryRun ? { seq, dryRun } : { seq } });
