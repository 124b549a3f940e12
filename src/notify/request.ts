// What senders and readers ask for, checked: bodies of send and broadcast, and the query of a list. Every fault is listed at once.

import { ContrailError, type Fault } from '../model/errors.js';
import { parseUserId, systemActor, type UserId } from '../model/ids.js';
import type { Json, JsonObject } from '../model/json.js';
import { dataChecks, defaultWording, isNotificationType } from './data-kinds.js';
import { isNotificationId } from './id-sequence.js';
import {
  type Content,
  type DataByType,
  type NotificationType,
  notificationTypes,
  type Priority,
  priorities,
} from './notification.js';
import {
  type Check,
  closed,
  isRecord,
  oneOf,
  optional,
  parseTime,
  rejectFaults,
  required,
  text,
  time,
} from './shape.js';

export const maxListRecipients = 1000;
export const maxPageSize = 1000;
export const defaultPageSize = 100;

export interface SendOptions {
  readonly priority?: Priority;
  readonly title?: string;
  readonly message?: string;
  readonly subjectId?: string;
  /** A newer one with the same key replaces the unread earlier one in the same inbox. */
  readonly collapseKey?: string;
  /** RFC 3339. */
  readonly expiresAt?: string;
}
export interface ContentRequest<Type extends NotificationType = NotificationType> extends SendOptions {
  readonly type: Type;
  readonly data: DataByType[Type];
}
export interface SendRequest extends ContentRequest {
  readonly userId: string;
}
/** Either `userIds`, up to 1,000 of them, or an `audience`. */
export interface BroadcastRequest extends ContentRequest {
  readonly userIds?: readonly string[];
  readonly audience?: 'all' | 'online';
}
export type Audience = 'all' | 'online' | 'list';

export interface ListQuery {
  /** `all` (the default) is the inbox, read or not; `archived` is what was taken out of it. */
  readonly state?: 'all' | 'unread' | 'archived';
  readonly type?: NotificationType;
  readonly priority?: Priority;
  /** Shows also what left the inbox by itself. */
  readonly include?: readonly ('expired' | 'suppressed' | 'collapsed')[];
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string;
}

const userId: Check = (value, at, faults) => {
  if (typeof value !== 'string' || parseUserId(value) === null || value === systemActor) {
    faults.push({ at, detail: 'must be a user id: 1 to 128 characters without control characters or blanks around' });
  }
};

const userIdList: Check = (value, at, faults) => {
  if (!Array.isArray(value)) faults.push({ at, detail: 'must be a list of user ids' });
  else if (value.length === 0) faults.push({ at, detail: 'must name at least one person' });
  else if (value.length > maxListRecipients)
    faults.push({ at, detail: `must name at most ${maxListRecipients} people` });
  else for (const [index, item] of value.entries()) userId(item, `${at}/${index}`, faults);
};

const anything: Check = () => {};

const contentMembers = {
  type: required(oneOf(notificationTypes)),
  priority: optional(oneOf(priorities)),
  title: optional(text(200)),
  message: optional(text(2000)),
  data: required(anything),
  subjectId: optional(text(200)),
  collapseKey: optional(text(200)),
  expiresAt: optional(time),
};
const sendCheck = closed({ userId: required(userId), ...contentMembers });
const broadcastCheck = closed({
  userIds: optional(userIdList),
  audience: optional(oneOf(['all', 'online'])),
  ...contentMembers,
});

const checkContent = (value: unknown, now: number, faults: Fault[]): void => {
  if (!isRecord(value)) return;
  const { type, data, expiresAt } = value;
  if (isNotificationType(type) && data !== undefined) dataChecks[type](data, '/data', faults);
  const expiry = parseTime(expiresAt);
  if (expiry !== null && expiry <= now) faults.push({ at: '/expiresAt', detail: 'must lie in the future' });
};

/** Leaves out members that are `undefined`, so that what is logged is JSON. */
const asJson = (data: object): JsonObject => JSON.parse(JSON.stringify(data)) as JsonObject;

const contentOf = (request: ContentRequest): Content => {
  const { type, priority = 'normal', subjectId, collapseKey } = request;
  const wording = defaultWording(type, request.data);
  const expiresAt = parseTime(request.expiresAt);
  return {
    type,
    priority,
    title: request.title ?? wording.title,
    message: request.message ?? wording.message,
    data: asJson(request.data),
    ...(subjectId === undefined ? {} : { subjectId }),
    ...(collapseKey === undefined ? {} : { collapseKey }),
    ...(expiresAt === null ? {} : { expiresAt }),
  };
};

/** Throws `bad-request` with every fault. */
export const parseSend = (request: SendRequest | Json, now: number): { to: UserId; content: Content } => {
  const faults: Fault[] = [];
  sendCheck(request, '', faults);
  checkContent(request, now, faults);
  rejectFaults(faults);
  const checked = request as SendRequest;
  return { to: checked.userId as UserId, content: contentOf(checked) };
};

export type BroadcastTo =
  | { readonly audience: 'all' | 'online' }
  | { readonly audience: 'list'; readonly userIds: readonly UserId[] };

/** Throws `bad-request` with every fault. A person named twice counts once. */
export const parseBroadcast = (
  request: BroadcastRequest | Json,
  now: number,
): { to: BroadcastTo; content: Content } => {
  const faults: Fault[] = [];
  broadcastCheck(request, '', faults);
  checkContent(request, now, faults);
  if (isRecord(request) && (request['userIds'] === undefined) === (request['audience'] === undefined)) {
    faults.push({ at: '/userIds', detail: 'give either userIds or audience' });
  }
  rejectFaults(faults);
  const checked = request as BroadcastRequest;
  const to: BroadcastTo =
    checked.audience === undefined
      ? { audience: 'list', userIds: [...new Set(checked.userIds ?? [])] as UserId[] }
      : { audience: checked.audience };
  return { to, content: contentOf(checked) };
};

/** Fills in the defaults; throws `bad-request` for a limit or a cursor that cannot be. */
export const parseListQuery = (query: ListQuery): ListQuery & { readonly limit: number } => {
  const faults: Fault[] = [];
  const { limit = defaultPageSize, after } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > maxPageSize) {
    faults.push({ at: '?limit', detail: `must be a whole number from 1 to ${maxPageSize}` });
  }
  if (after !== undefined && !isNotificationId(after))
    faults.push({ at: '?after', detail: 'is not a cursor of this list' });
  rejectFaults(faults);
  return { ...query, limit };
};

/** The ids of a request to mark notifications; throws `bad-request` unless there are 1 to 1,000 of the right form. */
export const parseIds = (ids: string | readonly string[]): readonly string[] => {
  const list = typeof ids === 'string' ? [ids] : [...new Set(ids)];
  if (list.length < 1 || list.length > maxPageSize) {
    throw new ContrailError('bad-request', `Name 1 to ${maxPageSize} notifications.`);
  }
  return list.filter(isNotificationId);
};
