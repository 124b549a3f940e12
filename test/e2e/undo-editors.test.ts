// Undo by REST in a document that people are typing in with real editors.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { until } from '../support/deadline.js';
import { EditorProcess } from '../support/editor-process.js';
import { withLocalServer } from '../support/local-server.js';
import { Rest } from '../support/rest.js';
import { StockClient } from '../support/stock-client.js';

const undone = async (rest: Rest, what: 'undo' | 'redo'): Promise<readonly number[]> => {
  const answer = await rest.call('POST', `/documents/notes/${what}`);
  const body = JSON.parse(Buffer.from(answer.bytes).toString()) as { undone: number[] };
  assert.is(answer.status, 200, JSON.stringify(body));
  return body.undone;
};

const letters = 'abcdefghijklmnopqrstuvwxyz';
const leastRounds = 5;

/**
 * Both editors type the alphabet again and again while `undoOnce` and a redo take turns; the last undo stays. Answers what each has typed.
 */
const typeBesideUndo = async (
  editors: readonly EditorProcess[],
  rest: Rest,
  undoOnce: (rounds: number) => Promise<unknown>,
): Promise<string> => {
  let typed = '';
  let rounds = 0;
  let stopped = false;
  const undoing = (async () => {
    for (; !stopped; rounds += 1) {
      await undoOnce(rounds);
      await undone(rest, 'redo');
    }
    await undone(rest, 'undo');
  })();
  while (rounds < leastRounds) {
    await Promise.all(editors.map((editor) => editor.type(letters, 8)));
    typed += letters;
  }
  stopped = true;
  await undoing;
  console.log(`  ${rounds} rounds of undo and redo while 2 × ${typed.length} letters were typed`);
  return typed;
};

interface Typed {
  /** What both editors show, and the shared type as text. */
  readonly expected: string;
  readonly shared: string | undefined;
  readonly typed: string;
}

/** Both show the same, and each cursor stands where its person typed: behind the first and behind the third line. */
const assertTyped = async (editors: readonly EditorProcess[], { expected, shared, typed }: Typed): Promise<void> => {
  const looks = () => Promise.all(editors.map((editor) => editor.look()));
  await until(async () => (await looks()).every(({ content }) => content === expected), 'both editors show the text');
  for (const [index, look] of (await looks()).entries()) {
    assert.is(look.shared, shared);
    const line = index === 0 ? 'first line' : 'third line';
    assert.ok(look.before.endsWith(line + typed), `the cursor of editor ${index} stands behind what was typed`);
    assert.ok(look.marked.endsWith(line), `the relative position of editor ${index} stands where it was made`);
  }
};

test('undo and redo by REST while two CodeMirror editors type: all converge, and cursors stay where they were', () =>
  withLocalServer(async (server) => {
    const alice = new Rest(server.url, 'alice');
    const carol = new Rest(server.url, 'carol');
    await alice.call('POST', '/documents/create', { id: 'notes', content: 'first line\nsecond line\nthird line\n' });
    const insert = (value: string, index: number) =>
      carol.call('POST', '/documents/notes/edits', { path: ['content'], action: 'insert', index, value });
    assert.is((await insert('CAROL ', 0)).status, 201);
    const editors = await Promise.all(['dora', 'emil'].map((user) => EditorProcess.open(server.wsUrl, 'notes', user)));
    const [dora, emil] = editors;
    if (!dora || !emil) throw new Error('two editors');
    try {
      await dora.cursor('first line');
      await emil.cursor('third line');
      const typed = await typeBesideUndo(editors, carol, async (rounds) => {
        const redone = await lastOf(carol, 'redo');
        assert.equal(await undone(carol, 'undo'), rounds === 0 ? [2] : redone);
      });
      const expected = `first line${typed}\nsecond line\nthird line${typed}\n`;
      await assertTyped(editors, { expected, shared: expected, typed });
      assert.is(await carol.documentText('notes'), expected);
    } finally {
      for (const editor of editors) editor.close();
    }
  }));

test('undo and redo by REST while two ProseMirror editors type: all converge, and cursors stay where they were', () =>
  withLocalServer(async (server) => {
    const [alice, carol] = [new Rest(server.url, 'alice'), new Rest(server.url, 'carol')];
    assert.is((await alice.call('POST', '/documents/create', { id: 'notes' })).status, 201);
    const writer = async (user: string, paragraphs: readonly string[]): Promise<void> => {
      const client = await new StockClient(server.wsUrl, 'notes', { user }).synced();
      const before = client.doc.getXmlFragment('content').length;
      const nodes = paragraphs.map((words) => {
        const paragraph = new Y.XmlElement('paragraph');
        paragraph.insert(0, [new Y.XmlText(words)]);
        return paragraph;
      });
      client.doc.getXmlFragment('content').insert(before === 0 ? 0 : 1, nodes);
      const shown = client.doc.getXmlFragment('content').toString();
      await until(async () => (await alice.documentText('notes')) === shown, `what ${user} wrote is logged`);
      client.close();
    };
    await writer('alice', ['first line', 'second line', 'third line']);
    await writer('carol', ['CAROL one', 'CAROL two']);
    const editors = await Promise.all(
      ['dora', 'emil'].map((user) => EditorProcess.open(server.wsUrl, 'notes', user, 'prosemirror')),
    );
    try {
      await editors[0]?.cursor('first line');
      await editors[1]?.cursor('third line');
      const typed = await typeBesideUndo(editors, carol, () => undone(carol, 'undo'));
      const expected = `first line${typed}\nsecond line\nthird line${typed}`;
      await assertTyped(editors, { expected, shared: await alice.documentText('notes'), typed });
    } finally {
      for (const editor of editors) editor.close();
    }
  }));

/** The seq of carol's last event of a kind: what her next undo takes back. */
const lastOf = async (rest: Rest, kind: string): Promise<readonly number[]> => {
  const { events } = await rest.json<{ events: { seq: number }[] }>(
    `/documents/notes/history?kind=${kind}&actor=carol&order=desc&limit=1`,
  );
  return events.map(({ seq }) => seq);
};

test.run();
