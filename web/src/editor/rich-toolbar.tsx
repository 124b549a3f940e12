// Formats of the rich text as buttons; each is pressed where the cursor stands in it.

import { lift, setBlockType, toggleMark, wrapIn } from 'prosemirror-commands';
import type { Attrs } from 'prosemirror-model';
import { wrapInList } from 'prosemirror-schema-list';
import type { Command, EditorState } from 'prosemirror-state';
import type { EditorView } from 'prosemirror-view';
import { Icon, type IconName } from '../shell/icons.js';
import { richSchema } from './rich-schema.js';

interface Tool {
  readonly label: string;
  /** Letters, or a picture by its name. */
  readonly sign: string | { readonly icon: IconName };
  readonly command: Command;
  readonly active: (state: EditorState) => boolean;
}

const { nodes, marks } = richSchema;

const hasMark = (state: EditorState, name: keyof typeof marks & string): boolean => {
  const type = marks[name];
  const { from, to, empty, $from } = state.selection;
  if (!type) return false;
  return empty
    ? type.isInSet(state.storedMarks ?? $from.marks()) !== undefined
    : state.doc.rangeHasMark(from, to, type);
};

const inBlock = (state: EditorState, name: string, attributes: Attrs = {}): boolean => {
  const { $from } = state.selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    const node = $from.node(depth);
    if (node.type.name === name && Object.entries(attributes).every(([key, value]) => node.attrs[key] === value))
      return true;
  }
  return false;
};

const marked = (name: 'strong' | 'em' | 'code', label: string, sign: Tool['sign']): Tool => ({
  label,
  sign,
  command: toggleMark(marks[name]),
  active: (state) => hasMark(state, name),
});

const heading = (level: number): Tool => {
  const active = (state: EditorState) => inBlock(state, 'heading', { level });
  return {
    label: `H${level} heading`,
    sign: `H${level}`,
    active,
    command: (state, dispatch) =>
      (active(state) ? setBlockType(nodes.paragraph) : setBlockType(nodes.heading, { level }))(state, dispatch),
  };
};

const wrapped = (name: 'bullet_list' | 'ordered_list' | 'blockquote', label: string, icon: IconName): Tool => {
  const active = (state: EditorState) => inBlock(state, name);
  const wrap = name === 'blockquote' ? wrapIn(nodes[name]) : wrapInList(nodes[name]);
  return {
    label,
    sign: { icon },
    active,
    command: (state, dispatch) => (active(state) ? lift : wrap)(state, dispatch),
  };
};

const tools: readonly Tool[] = [
  heading(1),
  heading(2),
  marked('strong', 'Bold', 'B'),
  marked('em', 'Italic', 'I'),
  marked('code', 'Code', { icon: 'code' }),
  wrapped('bullet_list', 'List', 'list'),
  wrapped('ordered_list', 'Numbered list', 'numbers'),
  wrapped('blockquote', 'Quotation', 'quote'),
];

export const RichToolbar = ({ view }: { view: EditorView }) => (
  <fieldset class="rich-toolbar" aria-label="Formats">
    {tools.map(({ label, sign, command, active }) => (
      <button
        key={label}
        type="button"
        aria-label={label}
        title={label}
        aria-pressed={active(view.state)}
        class={`format format-${label.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`}
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => {
          command(view.state, view.dispatch);
          view.focus();
        }}
      >
        {typeof sign === 'string' ? sign : <Icon name={sign.icon} />}
      </button>
    ))}
  </fieldset>
);
