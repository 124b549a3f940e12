// Puts together the change feed and the webhook. A part of the composition root.

import type { Config } from './config.js';
import type { Documents } from './crdt/documents.js';
import { ChangeAccess } from './http/change-access.js';
import { ChangeFeed } from './http/change-feed.js';
import { type EventRoutes, eventRoutes } from './http/event-routes.js';
import { Webhook } from './http/webhook.js';
import { secretBytes } from './http/webhook-request.js';
import type { SqliteLog } from './log/sqlite-log.js';
import { type Logger, logError } from './logger.js';
import { asContrailError } from './model/errors.js';
import type { Clock, Random } from './model/time.js';
import type { Notifications } from './notify/notifications.js';

export interface FeedParts {
  readonly config: Config;
  readonly log: SqliteLog;
  readonly documents: Documents;
  readonly notifications: Notifications;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface Feed {
  readonly router: EventRoutes['router'];
  /** `null` without WEBHOOK_URL. */
  readonly webhook: Webhook | null;
  start(): Promise<void>;
  /** Before the log is closed. */
  close(): Promise<void>;
}

export const setUpFeed = ({ config, log, documents, notifications, clock, random, logger }: FeedParts): Feed => {
  const feed = new ChangeFeed({
    log,
    onDamaged: (where) => logger.error({ ...where }, 'an event is damaged and missing in the change feed'),
  });
  const access = new ChangeAccess({ documents, notifications });
  const routes = eventRoutes({
    ...{ feed, access, clock, maxStalledMs: config.maxStalledSeconds * 1000 },
    entering: (userId) => notifications.personSeen(userId),
  });
  const webhook =
    config.webhookUrl === ''
      ? null
      : new Webhook({
          target: {
            url: config.webhookUrl,
            secrets: config.webhookSecret.map(secretBytes),
            timeoutMs: config.webhookTimeoutSeconds * 1000,
            ...{ clock, fetch },
          },
          ...{ log, feed, kinds: config.webhookKinds, clock, random },
          sight: () => access.ofOperator(),
          onTrouble: (fields) => logger.warn(fields, 'a webhook delivery failed and will be tried again'),
          onRecovered: (fields) => logger.info(fields, 'the webhook takes deliveries again'),
          onFault: (error) => logError(logger, asContrailError(error), 'background work failed', { source: 'webhook' }),
        });
  return {
    router: routes.router,
    webhook,
    start: async () => webhook?.start(),
    async close() {
      routes.close();
      await webhook?.close().catch((error) => logError(logger, asContrailError(error), 'background work failed'));
      feed.close();
    },
  };
};
