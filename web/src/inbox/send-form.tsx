// Sends a notification to one person or to everybody.

import { useState } from 'preact/hooks';
import { examplePeople, idFromName } from '../model/identity.js';
import { type Priority, send } from '../model/inbox.js';
import { describeError } from '../model/rest.js';
import { connection } from '../model/session.js';
import { Icon } from '../shell/icons.js';

const priorities: readonly Priority[] = ['low', 'normal', 'high', 'urgent'];

export const SendForm = ({ onSent }: { onSent: () => void }) => {
  const [fault, setFault] = useState('');
  const [everybody, setEverybody] = useState(false);
  const nearby = connection.value?.presence.attendees.value ?? [];
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const form = new FormData(event.currentTarget);
    const to = everybody ? '' : String(form.get('to') ?? '').trim();
    const minutes = Number(form.get('expires'));
    send({
      to: to === '' ? null : idFromName(to),
      message: String(form.get('message')),
      priority: String(form.get('priority')) as Priority,
      expiresInMinutes: minutes > 0 ? minutes : null,
    }).then(onSent, (error: unknown) => setFault(describeError(error)));
  };
  return (
    <form class="stack" onSubmit={submit}>
      <fieldset class="segmented" aria-label="To whom">
        <button type="button" aria-pressed={!everybody} onClick={() => setEverybody(false)}>
          One person
        </button>
        <button type="button" aria-pressed={everybody} onClick={() => setEverybody(true)}>
          Everybody
        </button>
      </fieldset>
      {!everybody && (
        <label class="field">
          <span>To</span>
          <input name="to" list="nearby" placeholder="alice" required maxLength={64} autocomplete="off" />
          <datalist id="nearby">
            {[...new Set([...nearby.map(({ id }) => id), ...examplePeople])].map((id) => (
              <option key={id} value={id} />
            ))}
          </datalist>
        </label>
      )}
      <label class="field">
        <span>Message</span>
        <input name="message" required maxLength={500} autocomplete="off" />
      </label>
      <div class="row">
        <label class="field">
          <span>Priority</span>
          <select name="priority">
            {priorities.map((priority) => (
              <option key={priority} value={priority} selected={priority === 'normal'}>
                {priority}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>Expires</span>
          <select name="expires">
            <option value="0">never</option>
            <option value="1">in a minute</option>
            <option value="60">in an hour</option>
            <option value="1440">in a day</option>
          </select>
        </label>
      </div>
      <p class="fault" role="alert">
        {fault}
      </p>
      <button class="primary" type="submit">
        <Icon name="send" /> Send
      </button>
    </form>
  );
};
