// The head of a document: its title, its two views, who is in it, and whether everything is saved.

import { useEffect, useState } from 'preact/hooks';
import type { Connection } from '../model/connection.js';
import type { Attendee } from '../model/presence.js';
import { linkTo } from '../model/route.js';
import { Avatar } from '../shell/avatar.js';
import { useToggle } from '../shell/disclosure.js';
import { Icon } from '../shell/icons.js';
import { ShareDialog } from './share-dialog.js';

interface HeadProps {
  readonly connection: Connection;
  readonly title: string;
  readonly id: string;
  readonly tab: 'edit' | 'history';
}

export const DocumentHead = ({ connection, title, id, tab }: HeadProps) => (
  <header class="document-head">
    <div class="document-name">
      <h1>{title}</h1>
      <SavedState connection={connection} />
    </div>
    <nav class="tabs" aria-label="Views of the document">
      {(['edit', 'history'] as const).map((view) => (
        <a
          key={view}
          href={linkTo({ page: 'document', id, tab: view })}
          aria-current={tab === view ? 'page' : undefined}
        >
          {view === 'edit' ? 'Edit' : 'History'}
        </a>
      ))}
    </nav>
    <Attendees connection={connection} title={title} />
  </header>
);

/** "Saving…" stays for this long: while somebody types, the words would otherwise flicker with every letter, also for screen readers. */
const savingMs = 400;

/** True at once, false only after a while. */
const useLasting = (now: boolean, ms: number): boolean => {
  const [lasting, last] = useState(now);
  useEffect(() => {
    if (now) return last(true);
    const timer = setTimeout(() => last(false), ms);
    return () => clearTimeout(timer);
  }, [now, ms]);
  return now || lasting;
};

const savedWords = (connection: Connection, unsaved: boolean): string => {
  switch (connection.link.value.state) {
    case 'online':
      if (!connection.mayEdit.value) return 'Read only';
      if (!unsaved) return 'All changes saved';
      return connection.lockedBy.value === null ? 'Saving…' : 'Waits for the lock';
    case 'connecting':
      return 'Connecting…';
    default:
      return !unsaved ? 'Offline' : connection.kept.value ? 'Kept in this browser' : 'Not saved yet';
  }
};

const SavedState = ({ connection }: { connection: Connection }) => {
  const unsaved = useLasting(connection.unsaved.value, savingMs);
  return (
    <span
      class={`saved saved-${connection.link.value.state}${unsaved ? ' saved-not' : ''}`}
      role="status"
      title="Saved means: on the server’s disk"
    >
      {savedWords(connection, unsaved)}
    </span>
  );
};

/** One face a person, however many windows they have open. */
const peopleOf = (attendees: readonly Attendee[]): readonly Attendee[] => {
  const people = new Map<string, Attendee>();
  for (const attendee of attendees) {
    const known = people.get(attendee.id);
    people.set(
      attendee.id,
      known
        ? {
            ...known,
            away: known.away && attendee.away,
            typing: known.typing || attendee.typing,
            self: known.self || attendee.self,
          }
        : attendee,
    );
  }
  return [...people.values()];
};

const Attendees = ({ connection, title }: { connection: Connection; title: string }) => {
  const people = peopleOf(connection.presence.attendees.value);
  const typing = people.filter((person) => person.typing && !person.self).map(({ name }) => name);
  return (
    <div class="attendees">
      <span class="typing quiet" aria-live="polite">
        {typing.length > 0 && `${typing.join(', ')} ${typing.length === 1 ? 'is' : 'are'} typing…`}
      </span>
      <ul class="faces" aria-label="People in this document">
        {people.map(({ id, name, away, typing: busy, self }) => (
          <li key={id}>
            <Avatar id={id} name={name} away={away} typing={busy} />
            <span class="sr">
              {name}
              {self ? ' (you)' : ''}
              {away ? ' (away)' : ''}
            </span>
          </li>
        ))}
      </ul>
      <ShareButton connection={connection} title={title} />
    </div>
  );
};

const ShareButton = ({ connection, title }: { connection: Connection; title: string }) => {
  const [open, toggle] = useToggle();
  return (
    <>
      <button type="button" aria-label="Share" onClick={() => toggle(true)}>
        <Icon name="link" /> <span class="share-label">Share</span>
      </button>
      {open && <ShareDialog id={connection.documentId} title={title} onClose={() => toggle(false)} />}
    </>
  );
};
