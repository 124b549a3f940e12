// What the server says of itself at /stats, and who is connected.

import { callJson } from './rest.js';

export interface Stats {
  readonly connections: number;
  readonly users: number;
  readonly documents: { readonly total: number; readonly open: number };
  readonly edits: number;
  readonly flights: {
    readonly active: number;
    /** The time in which the flights live, RFC 3339. */
    readonly sourceTime: string;
  };
  readonly notifications: { readonly total: number; readonly unread: number };
  readonly log: {
    readonly events: number;
    readonly bytes: number;
    readonly walBytes: number;
    readonly lastCommitMs: number;
    readonly commits: number;
    readonly writable: boolean;
  };
  readonly uptimeSeconds: number;
}

export interface OnlineUser {
  readonly userId: string;
  readonly name: string | null;
  readonly status: 'online' | 'away';
  readonly documents: readonly string[];
}

export const readStats = (): Promise<Stats> => callJson('/stats');
export const listOnline = async (): Promise<readonly OnlineUser[]> =>
  (await callJson<{ users: OnlineUser[] }>('/users/online')).users;
