// Asks before an earlier state is brought back, and shows what that will change.

import { useEffect, useState } from 'preact/hooks';
import { type Change, restoreDocument } from '../model/documents.js';
import { describeError } from '../model/rest.js';
import { Dialog } from '../shell/dialog.js';
import { ChangeList } from './change-view.js';

interface RestoreDialogProps {
  readonly id: string;
  readonly seq: number;
  readonly onClose: () => void;
  readonly onRestored: () => void;
}

export const RestoreDialog = ({ id, seq, onClose, onRestored }: RestoreDialogProps) => {
  const [changes, setChanges] = useState<readonly Change[] | null>(null);
  const [fault, setFault] = useState('');
  const fail = (error: unknown): void => setFault(describeError(error));
  useEffect(() => {
    restoreDocument(id, seq, true).then((answer) => setChanges(answer.changes ?? []), fail);
  }, [id, seq]);
  return (
    <Dialog title="Restore this moment?" onClose={onClose}>
      <p>This is what will change for everybody. Nothing is lost: the restore is one more step, and can be undone.</p>
      <div class="preview">
        {changes ? <ChangeList changes={changes} /> : fault === '' && <p class="quiet">Comparing…</p>}
      </div>
      <p class="fault" role="alert">
        {fault}
      </p>
      <div class="row end">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          class="primary"
          disabled={changes === null || changes.length === 0}
          onClick={() => restoreDocument(id, seq, false).then(onRestored, fail)}
        >
          Restore
        </button>
      </div>
    </Dialog>
  );
};
