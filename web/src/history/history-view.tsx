// A document's whole past: the text at any moment by author, what changed between two moments, versions, restore.

import { useEffect, useMemo, useState } from 'preact/hooks';
import { undo } from '../../../src/client/provider.js';
import { coloursOf } from '../model/colours.js';
import type { Connection } from '../model/connection.js';
import { type Change, diffBetween, kindOf, textAt } from '../model/documents.js';
import { describeError } from '../model/rest.js';
import { fullTime } from '../model/time.js';
import { Icon } from '../shell/icons.js';
import { AuthorText } from './author-text.js';
import { ChangedText, ChangeList } from './change-view.js';
import { useEvents } from './event-list.js';
import { Legend } from './legend.js';
import type { Pointed } from './pointing.js';
import { RestoreDialog } from './restore-dialog.js';
import { type Snapshot, Snapshots } from './snapshots.js';
import { Timeline } from './timeline.js';
import { VersionList } from './version-list.js';

export const HistoryView = ({ connection, id }: { connection: Connection; id: string }) => {
  const { events, head, fault: listFault } = useEvents(id);
  /** `null` follows the newest state. */
  const [chosen, choose] = useState<number | null>(null);
  const [from, setFrom] = useState<number | null>(null);
  const [only, setOnly] = useState<string | null>(null);
  const [pointed, point] = useState<Pointed | null>(null);
  const [restoring, setRestoring] = useState(false);
  const [message, setMessage] = useState('');
  const seq = Math.min(chosen ?? head, head);
  const actors = useMemo(() => [...new Set(events.map(({ actor }) => actor))], [events]);
  const colours = useMemo(() => coloursOf(actors), [actors.join('\n')]);
  const { snapshot, fault } = useSnapshot(id, seq);
  const comparison = useComparison(id, from, seq);
  if (head === 0) return <p class="quiet loading">{listFault || 'Loading…'}</p>;
  const undoRestore = (): void => {
    undo(connection.provider).then(
      () => setMessage(''),
      (error: unknown) => setMessage(describeError(error)),
    );
  };
  return (
    <div class="history" data-shown={snapshot?.seq === seq ? seq : undefined}>
      <div class="history-main">
        <p class="fault" role="alert">
          {fault || listFault}
        </p>
        {from !== null && comparison ? (
          kindOf(id) === 'rich' ? (
            <div class="past">
              <ChangeList changes={comparison.changes} />
            </div>
          ) : (
            <ChangedText before={comparison.before} changes={comparison.changes} onPoint={point} />
          )
        ) : snapshot ? (
          <AuthorText snapshot={snapshot} colours={colours} only={only} onPoint={point} />
        ) : (
          <div class="past quiet">Loading…</div>
        )}
        <Timeline
          head={head}
          seq={seq}
          from={from}
          events={events}
          colours={colours}
          shown={snapshot?.seq === seq}
          onSeq={(next) => {
            choose(next >= head ? null : next);
            if (from !== null && from > next) setFrom(next);
          }}
          onFrom={setFrom}
        />
      </div>
      <aside class="history-side" aria-label="About this moment">
        <fieldset class="segmented" aria-label="What to show">
          <button type="button" aria-pressed={from === null} onClick={() => setFrom(null)}>
            Authors
          </button>
          <button type="button" aria-pressed={from !== null} onClick={() => setFrom(Math.max(1, Math.floor(seq / 2)))}>
            Changes
          </button>
        </fieldset>
        <Legend actors={actors} colours={colours} snapshot={snapshot} only={only} onOnly={setOnly} />
        <p class="pointed" role="status">
          {pointed ? (
            <>
              <strong>{pointed.actor}</strong> {pointed.deed} this
              <br />
              {fullTime(pointed.at)}
            </>
          ) : (
            <span class="quiet">Point at text, or move through it with the arrow keys, to see who and when.</span>
          )}
        </p>
        <VersionList id={id} seq={seq} onPick={(picked) => choose(picked)} />
        <button type="button" class="wide" disabled={seq === head} onClick={() => setRestoring(true)}>
          <Icon name="undo" /> Restore this moment…
        </button>
        <p class="restore-message" role="status">
          {message}
          {message.startsWith('Restored') && (
            <button type="button" class="link" onClick={undoRestore}>
              Undo
            </button>
          )}
        </p>
      </aside>
      {restoring && (
        <RestoreDialog
          id={id}
          seq={seq}
          onClose={() => setRestoring(false)}
          onRestored={() => {
            setRestoring(false);
            choose(null);
            setMessage('Restored for everybody. ');
          }}
        />
      )}
    </div>
  );
};

/** The state at a seq; the one shown before stays until the next is there, so nothing flickers. */
const useSnapshot = (id: string, seq: number): { readonly snapshot: Snapshot | null; readonly fault: string } => {
  const snapshots = useMemo(() => new Snapshots(id), [id]);
  const [snapshot, setSnapshot] = useState<Snapshot | null>(null);
  const [fault, setFault] = useState('');
  useEffect(() => {
    if (seq === 0) return;
    const abort = new AbortController();
    snapshots.at(seq, abort.signal).then(
      (next) => {
        if (abort.signal.aborted) return;
        setSnapshot(next);
        setFault('');
      },
      (error: unknown) => !abort.signal.aborted && setFault(describeError(error)),
    );
    return () => abort.abort();
  }, [snapshots, seq]);
  return { snapshot: snapshots.kept(seq) ?? snapshot, fault };
};

interface Comparison {
  readonly before: string;
  readonly changes: readonly Change[];
}

const useComparison = (id: string, from: number | null, to: number): Comparison | null => {
  const [comparison, compare] = useState<Comparison | null>(null);
  useEffect(() => {
    if (from === null) return compare(null);
    const abort = new AbortController();
    Promise.all([textAt(id, from, abort.signal), diffBetween(id, from, to, abort.signal)]).then(
      ([before, changes]) => compare({ before, changes }),
      () => !abort.signal.aborted && compare({ before: '', changes: [] }),
    );
    return () => abort.abort();
  }, [id, from, to]);
  return comparison;
};
