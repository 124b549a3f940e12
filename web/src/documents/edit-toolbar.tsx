// Above the editor: undo in this window, undo on the server, the lock, and working offline on purpose.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { windowUndo } from '../editor/window-undo.js';
import type { Connection } from '../model/connection.js';
import { freeLock, takeLock, undoOnServer } from '../model/documents.js';
import { describeError, RestError } from '../model/rest.js';
import { Icon } from '../shell/icons.js';

const lockSeconds = 60;

export const EditToolbar = ({ connection }: { connection: Connection }) => {
  const message = useSignal('');
  const held = connection.lock.value !== null && connection.lockedBy.value === null;
  const mayEdit = connection.mayEdit.value && connection.lockedBy.value === null;
  const online = connection.link.value.state === 'online';
  const { documentId } = connection;

  const attempt = (work: Promise<unknown>, done: string): void => {
    work.then(
      () => {
        message.value = done;
      },
      (error: unknown) => {
        message.value =
          error instanceof RestError && error.code === 'nothing-to-undo'
            ? 'There is no step left.'
            : describeError(error);
      },
    );
  };
  const lock = (): void => {
    if (held)
      return attempt(
        freeLock(documentId).then(() => (connection.lock.value = null)),
        'The lock is released.',
      );
    const taken = takeLock(documentId, lockSeconds).then(({ lock: now }) => {
      connection.lock.value = now;
    });
    attempt(taken, 'You hold the lock: others can read only.');
  };
  useLockRenewal(connection, held);
  useFading(message.value, () => {
    message.value = '';
  });

  return (
    <div class="edit-toolbar" role="toolbar" aria-label="Document">
      <span class="tool-group" title="Steps made in this window since it was opened">
        <span class="tool-label">Undo here</span>
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
          onClick={() => attempt(undoOnServer(documentId, 'undo'), 'Your last step is taken back.')}
          disabled={!mayEdit || !online}
          aria-label="Undo on server: your last step, also from before a restart"
        >
          <Icon name="undo" />
        </button>
        <button
          type="button"
          onClick={() => attempt(undoOnServer(documentId, 'redo'), 'The step is back.')}
          disabled={!mayEdit || !online}
          aria-label="Redo on server"
        >
          <Icon name="redo" />
        </button>
      </span>
      <span class="tool-message quiet" role="status">
        {message}
      </span>
      <button type="button" onClick={lock} disabled={!mayEdit || !online} aria-pressed={held}>
        <Icon name={held ? 'lock' : 'unlock'} /> <span class="tool-text">{held ? 'Release' : 'Lock'}</span>
      </button>
      <button
        type="button"
        aria-pressed={connection.link.value.state === 'paused'}
        onClick={() => (connection.link.value.state === 'paused' ? connection.resume() : connection.pause())}
      >
        <Icon name="offline" /> <span class="tool-text">Work offline</span>
      </button>
    </div>
  );
};

/** A lock lasts a minute; while this window holds it, it asks again in time. */
const useLockRenewal = (connection: Connection, held: boolean): void => {
  useEffect(() => {
    if (!held) return;
    const timer = setInterval(
      () => takeLock(connection.documentId, lockSeconds).catch(() => {}),
      (lockSeconds * 1000) / 3,
    );
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
