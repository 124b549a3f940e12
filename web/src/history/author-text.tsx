// A past state with every piece of text in its author's colour. What the pointer is on is told to the caller, who says it in words.

import type { ComponentChildren, JSX } from 'preact';
import type { Run } from '../model/documents.js';
import { fullTime } from '../model/time.js';
import { type Pointed, usePointing } from './pointing.js';
import type { Block, Snapshot } from './snapshots.js';

export interface AuthorTextProps {
  readonly snapshot: Snapshot;
  readonly colours: ReadonlyMap<string, string>;
  /** Others fade while one author is picked out. */
  readonly only: string | null;
  readonly onPoint: (what: Pointed | null) => void;
}

export const AuthorText = ({ snapshot, colours, only, onPoint }: AuthorTextProps) => {
  const pointing = usePointing(onPoint);
  let count = 0;
  const piece = (run: Run, key: number): JSX.Element => {
    const index = count++;
    const faded = only !== null && only !== run.actor;
    return (
      <span
        key={key}
        class={`run${faded ? ' run-faded' : ''}${pointing.current === index ? ' run-pointed' : ''}`}
        data-piece={index}
        style={{ '--author': colours.get(run.actor) ?? 'var(--line)' }}
        data-actor={run.actor}
        title={run.actor === '' ? undefined : `${run.actor}, ${fullTime(run.at)}`}
        {...pointing.piece(index, run.actor === '' ? null : { actor: run.actor, at: run.at, deed: 'wrote' })}
      >
        {run.text}
      </span>
    );
  };
  const empty = snapshot.runs.length === 0 && (snapshot.blocks?.length ?? 0) === 0;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section class="past" aria-label="The text at that moment" tabIndex={0} {...pointing.region}>
      {empty ? (
        <p class="quiet">The document was empty.</p>
      ) : snapshot.blocks ? (
        <div class="past-rich">{snapshot.blocks.map((block, index) => renderBlock(block, index, piece))}</div>
      ) : (
        <pre class="past-text">{snapshot.runs.map(piece)}</pre>
      )}
    </section>
  );
};

type Piece = (run: Run, key: number) => JSX.Element;

const markElements = { strong: 'strong', em: 'em', code: 'code' } as const;

const renderBlock = (block: Block, key: number, piece: Piece): JSX.Element => {
  if ('run' in block) {
    let rendered = piece(block.run, key);
    for (const mark of block.marks) {
      const Mark = markElements[mark as keyof typeof markElements];
      if (Mark) rendered = <Mark key={key}>{rendered}</Mark>;
    }
    return rendered;
  }
  const children = block.children.map((child, index) => renderBlock(child, index, piece));
  return renderElement(block.element, block.attributes, key, children);
};

const headings = ['h2', 'h3', 'h4'] as const;

const renderElement = (
  name: string,
  attributes: Readonly<Record<string, unknown>>,
  key: number,
  children: ComponentChildren,
): JSX.Element => {
  switch (name) {
    case 'heading': {
      // One deeper than in the editor: the page's own heading stands above them.
      const Heading = headings[Math.min(headings.length, Number(attributes['level']) || 1) - 1] ?? 'h4';
      return <Heading key={key}>{children}</Heading>;
    }
    case 'bullet_list':
      return <ul key={key}>{children}</ul>;
    case 'ordered_list':
      return <ol key={key}>{children}</ol>;
    case 'list_item':
      return <li key={key}>{children}</li>;
    case 'blockquote':
      return <blockquote key={key}>{children}</blockquote>;
    case 'code_block':
      return <pre key={key}>{children}</pre>;
    case 'horizontal_rule':
      return <hr key={key} />;
    case 'hard_break':
      return <br key={key} />;
    default:
      return <p key={key}>{children}</p>;
  }
};
