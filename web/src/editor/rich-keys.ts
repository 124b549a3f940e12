// Keys and typing shortcuts of the rich text: what people know from other editors.

import { chainCommands, exitCode, setBlockType, toggleMark } from 'prosemirror-commands';
import { type InputRule, inputRules, textblockTypeInputRule, wrappingInputRule } from 'prosemirror-inputrules';
import type { NodeType, Schema } from 'prosemirror-model';
import { liftListItem, sinkListItem, splitListItem } from 'prosemirror-schema-list';
import type { Command, Plugin } from 'prosemirror-state';

const node = (schema: Schema, name: string): NodeType => {
  const type = schema.nodes[name];
  if (!type) throw new Error(`The schema has no ${name}.`);
  return type;
};

const mark = (schema: Schema, name: string) => {
  const type = schema.marks[name];
  if (!type) throw new Error(`The schema has no ${name}.`);
  return type;
};

export const richKeys = (schema: Schema): Record<string, Command> => {
  const item = node(schema, 'list_item');
  const hardBreak = chainCommands(exitCode, (state, dispatch) => {
    dispatch?.(state.tr.replaceSelectionWith(node(schema, 'hard_break').create()).scrollIntoView());
    return true;
  });
  return {
    'Mod-b': toggleMark(mark(schema, 'strong')),
    'Mod-i': toggleMark(mark(schema, 'em')),
    'Mod-e': toggleMark(mark(schema, 'code')),
    'Mod-Alt-0': setBlockType(node(schema, 'paragraph')),
    'Mod-Alt-1': setBlockType(node(schema, 'heading'), { level: 1 }),
    'Mod-Alt-2': setBlockType(node(schema, 'heading'), { level: 2 }),
    'Mod-Alt-3': setBlockType(node(schema, 'heading'), { level: 3 }),
    Enter: splitListItem(item),
    'Mod-[': liftListItem(item),
    'Mod-]': sinkListItem(item),
    'Shift-Enter': hardBreak,
  };
};

const maxHeading = 3;

/** `# ` begins a heading, `- ` a list, `1. ` a numbered one, `> ` a quotation, ``` a code block. */
export const richRules = (schema: Schema): Plugin => {
  const rules: readonly InputRule[] = [
    textblockTypeInputRule(new RegExp(`^(#{1,${maxHeading}})\\s$`), node(schema, 'heading'), (match) => ({
      level: match[1]?.length ?? 1,
    })),
    wrappingInputRule(/^\s*>\s$/, node(schema, 'blockquote')),
    wrappingInputRule(/^\s*([-*])\s$/, node(schema, 'bullet_list')),
    wrappingInputRule(
      /^(\d+)\.\s$/,
      node(schema, 'ordered_list'),
      (match) => ({ order: Number(match[1]) }),
      (match, before) => before.childCount + Number(before.attrs['order']) === Number(match[1]),
    ),
    textblockTypeInputRule(/^```$/, node(schema, 'code_block')),
  ];
  return inputRules({ rules });
};
