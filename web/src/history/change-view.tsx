// What changed between two moments: inside the text for plain text, as a list for anything else.

import type { Change } from '../model/documents.js';
import { fullTime } from '../model/time.js';
import { mergeChanges } from './merged-text.js';
import { type Pointed, usePointing } from './pointing.js';

interface ChangedTextProps {
  readonly before: string;
  readonly changes: readonly Change[];
  readonly onPoint: (what: Pointed | null) => void;
}

export const ChangedText = ({ before, changes, onPoint }: ChangedTextProps) => {
  const pointing = usePointing(onPoint);
  let count = 0;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section class="past" aria-label="Changes in the text" tabIndex={0} {...pointing.region}>
      <pre class="past-text">
        {mergeChanges(before, changes).map(({ kind, text, change }, key) => {
          if (kind === 'same' || !change) return text;
          const index = count++;
          const Mark = kind === 'insert' ? 'ins' : 'del';
          return (
            <Mark
              key={key}
              class={pointing.current === index ? 'run-pointed' : undefined}
              title={`${change.actor}, ${fullTime(change.at)}`}
              data-actor={change.actor}
              data-piece={index}
              {...pointing.piece(index, {
                actor: change.actor,
                at: change.at,
                deed: kind === 'insert' ? 'wrote' : 'deleted',
              })}
            >
              {text}
            </Mark>
          );
        })}
      </pre>
    </section>
  );
};

const maxQuoted = 160;
const quote = (text: string): string => (text.length > maxQuoted ? `${text.slice(0, maxQuoted)}…` : text);

/** XML as its texts: a list is for reading, not for copying. */
const plain = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

const wordsOf = (change: Change): { readonly sign: string; readonly kind: string; readonly text: string } => {
  const content = change.text ?? (change.values ?? []).map(plain).filter(Boolean).join(' ');
  switch (change.type) {
    case 'insert':
      return { sign: '+', kind: 'insert', text: content || 'an empty block' };
    case 'delete':
      return { sign: '−', kind: 'delete', text: content || 'an empty block' };
    case 'format':
      return { sign: '~', kind: 'format', text: 'the format of some text' };
    case 'set':
      return { sign: '~', kind: 'format', text: `${change.path.at(-1)}: ${plain(change.new)}` };
    case 'remove':
      return { sign: '−', kind: 'delete', text: String(change.path.at(-1)) };
  }
};

export const ChangeList = ({ changes }: { changes: readonly Change[] }) =>
  changes.length === 0 ? (
    <p class="quiet">There is no difference.</p>
  ) : (
    <ul class="changes">
      {changes.map((change, index) => {
        const { sign, kind, text } = wordsOf(change);
        return (
          <li key={index} class={`change change-${kind}`}>
            <span class="change-sign" aria-hidden="true">
              {sign}
            </span>
            <span class="change-text">
              <span class="sr">{kind}: </span>
              {quote(text)}
            </span>
            <span class="quiet">{change.actor}</span>
          </li>
        );
      })}
    </ul>
  );
