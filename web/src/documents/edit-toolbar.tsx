// Above the editor: undo in this window, undo on the server, the lock, and working offline on purpose.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ControlError } from '../../../src/client/control.js';
import { lock, redo, undo, unlock } from '../../../src/client/provider.js';
import { windowUndo } from '../editor/window-undo.js';
import type { Connection } from '../model/connection.js';
import { describeError } from '../model/rest.js';
import { Icon } from '../shell/icons.js';

const lockSeconds = 60;

export const EditToolbar = ({ connection }: { connection: Connection }) => {
  const message = useSignal('');
  const held = connection.lock.value !== null && connection.lockedBy.value === null;
  const mayEdit = connection.mayEdit.value && connection.lockedBy.value === null;
  const online = connection.link.value.state === 'online';
  const { provider } = connection;

  const attempt = (work: Promise<unknown>, done: string): void => {
    work.then(
      () => {
        message.value = done;
      },
      (error: unknown) => {
        message.value =
          error instanceof ControlError && error.code === 'nothing-to-undo'
            ? 'There is no step left.'
            : describeError(error);
      },
    );
  };
  const toggleLock = (): void => {
    if (held) {
      const freed = unlock(provider).then(() => {
        connection.lock.value = null;
      });
      return attempt(freed, 'The lock is released.');
    }
    const taken = lock(provider, lockSeconds).then((now) => {
      connection.lock.value = now;
    });
    attempt(taken, 'You hold the lock: others can read only.');
  };
  useLockRenewal(connection, held);
  useFading(message.value, () => {
    message.value = '';
  });

  return (
    <fieldset class="edit-toolbar" aria-label="Document">
      <span class="tool-group" title="Steps made in this window since it was opened">
        <span class="tool-label">
          <span class="tool-text">Undo here</span>
        </span>
        <button
          type="button"
          onClick={() => windowUndo.value?.undo()}
          disabled={!mayEdit}
          aria-label="Undo in this window"
        >
          <Icon name="undo" />
        </button>
        <button
          type="button"
          onClick={() => windowUndo.value?.redo()}
          disabled={!mayEdit}
          aria-label="Redo in this window"
        >
          <Icon name="redo" />
        </button>
      </span>
      <span
        class="tool-group"
        title="Your own steps, read from the log: from any window, also after a restart of the server"
      >
        <span class="tool-label">
          <Icon name="server" size={16} /> <span class="tool-text">Undo on server</span>
        </span>
        <button
          type="button"
          onClick={() => attempt(undo(provider), 'Your last step is taken back.')}
          disabled={!mayEdit || !online}
          aria-label="Undo on server: your last step, also from before a restart"
        >
          <Icon name="undo" />
        </button>
        <button
          type="button"
          onClick={() => attempt(redo(provider), 'The step is back.')}
          disabled={!mayEdit || !online}
          aria-label="Redo on server"
        >
          <Icon name="redo" />
        </button>
      </span>
      <span class="tool-message quiet" role="status">
        {message}
      </span>
      <button
        type="button"
        onClick={toggleLock}
        disabled={!mayEdit || !online}
        aria-pressed={held}
        aria-label={held ? 'Release the lock' : 'Lock for others'}
      >
        <Icon name={held ? 'lock' : 'unlock'} /> <span class="tool-text">{held ? 'Release' : 'Lock'}</span>
      </button>
      <button
        type="button"
        aria-pressed={connection.link.value.state === 'paused'}
        aria-label="Work offline"
        onClick={() => (connection.link.value.state === 'paused' ? connection.resume() : connection.pause())}
      >
        <Icon name="offline" /> <span class="tool-text">Work offline</span>
      </button>
    </fieldset>
  );
};

/** A lock lasts a minute; while this window holds it, it asks again in time. */
const useLockRenewal = (connection: Connection, held: boolean): void => {
  useEffect(() => {
    if (!held) return;
    const timer = setInterval(() => lock(connection.provider, lockSeconds).catch(() => {}), (lockSeconds * 1000) / 3);
    return () => clearInterval(timer);
  }, [connection, held]);
};

const messageMs = 5_000;
const useFading = (text: string, clear: () => void): void => {
  useEffect(() => {
    if (text === '') return;
    const timer = setTimeout(clear, messageMs);
    return () => clearTimeout(timer);
  }, [text]);
};
