// The bell: how many are unread, the list, and a form to ring at somebody else's.

import { useRef, useState } from 'preact/hooks';
import { archive, markAllRead, markRead, type Notification, notifications, unread } from '../model/inbox.js';
import { describeError } from '../model/rest.js';
import { linkTo } from '../model/route.js';
import { ago, clockTime } from '../model/time.js';
import { useDismiss, useToggle } from '../shell/disclosure.js';
import { Icon } from '../shell/icons.js';
import { SendForm } from './send-form.js';

export const Bell = () => {
  const [open, toggle] = useToggle();
  const root = useRef<HTMLDivElement>(null);
  useDismiss(root, open, toggle);
  const count = unread.value;
  return (
    <div class="menu bell" ref={root}>
      <button
        type="button"
        class="bare"
        aria-expanded={open}
        aria-label={count === 0 ? 'Notifications' : `Notifications, ${count} unread`}
        onClick={() => toggle()}
      >
        <span key={count} class={count > 0 ? 'ringing' : undefined}>
          <Icon name="bell" size={22} />
        </span>
        {count > 0 && <span class="badge">{count > 99 ? '99+' : count}</span>}
      </button>
      {open && <Inbox />}
    </div>
  );
};

const Inbox = () => {
  const [writing, setWriting] = useState(false);
  const [fault, setFault] = useState('');
  const list = notifications.value;
  const attempt = (work: Promise<unknown>): void => {
    work.then(
      () => setFault(''),
      (error: unknown) => setFault(describeError(error)),
    );
  };
  const newest = list[0];
  return (
    <section class="panel inbox" aria-label="Notifications">
      <header class="inbox-head">
        <h2>Notifications</h2>
        {newest && unread.value > 0 && (
          <button type="button" class="link" onClick={() => attempt(markAllRead(newest.id))}>
            Mark all read
          </button>
        )}
        <button type="button" class="link" aria-expanded={writing} onClick={() => setWriting(!writing)}>
          {writing ? 'Back to the list' : 'Send one'}
        </button>
      </header>
      <p class="fault" role="alert">
        {fault}
      </p>
      {writing ? (
        <SendForm onSent={() => setWriting(false)} />
      ) : list.length === 0 ? (
        <div class="empty small">
          <Icon name="bell" size={32} />
          <p>Nothing has arrived yet.</p>
          <p class="quiet">What is sent to you appears here, in all your windows at once, and in nobody else’s.</p>
        </div>
      ) : (
        <ul class="inbox-list">
          {list.map((notification) => (
            <Entry key={notification.id} notification={notification} attempt={attempt} />
          ))}
        </ul>
      )}
    </section>
  );
};

interface EntryProps {
  readonly notification: Notification;
  readonly attempt: (work: Promise<unknown>) => void;
}

const Entry = ({ notification, attempt }: EntryProps) => {
  const { id, title, message, data, priority, createdAt, expiresAt, readAt } = notification;
  return (
    <li class={`entry priority-${priority}${readAt === null ? ' entry-unread' : ''}`}>
      <div class="entry-text">
        <strong>{data?.flightId ? <a href={linkTo({ page: 'flights', id: data.flightId })}>{title}</a> : title}</strong>
        <p>{message}</p>
        <p class="quiet">
          {ago(createdAt)}
          {priority !== 'normal' && <span class="tag">{priority}</span>}
          {expiresAt && ` · until ${clockTime(expiresAt)}`}
        </p>
      </div>
      {readAt === null ? (
        <button type="button" class="bare" aria-label={`Mark “${title}” as read`} onClick={() => attempt(markRead(id))}>
          <Icon name="check" />
        </button>
      ) : (
        <button type="button" class="bare" aria-label={`Put “${title}” away`} onClick={() => attempt(archive(id))}>
          <Icon name="close" />
        </button>
      )}
    </li>
  );
};
