// Who may do what with a document (docs/access.md). The vocabulary only; who holds which role is decided elsewhere.

export const roles = ['owner', 'editor', 'viewer'] as const;
export type Role = (typeof roles)[number];

export type Action = 'read' | 'edit' | 'lock' | 'break-lock' | 'share' | 'delete';

const rank: Record<Role, number> = { viewer: 1, editor: 2, owner: 3 };
const needs: Record<Action, number> = { read: 1, edit: 2, lock: 2, 'break-lock': 3, share: 3, delete: 3 };

export const parseRole = (text: string): Role | null => roles.find((role) => role === text) ?? null;

/** Whether a role, `null` for none, allows an action. */
export const allows = (role: Role | null, action: Action): boolean => role !== null && rank[role] >= needs[action];
