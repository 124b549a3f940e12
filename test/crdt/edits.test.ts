import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { computeEdit, type PathEdit } from '../../src/crdt/edits.js';
import { documentJson } from '../../src/crdt/root-types.js';
import { ContrailError } from '../../src/model/errors.js';

const client = 4_000_000_003;

const sample = (): Y.Doc => {
  const doc = new Y.Doc();
  doc.getText('content').insert(0, 'hello world');
  const task = new Y.Map<unknown>([
    ['title', new Y.Text('paint')],
    ['tags', new Y.Array()],
  ]);
  doc.getMap('plan').set('tasks', Y.Array.from<number | Y.Map<unknown>>([1, task]));
  doc.getXmlFragment('x').insert(0, [new Y.XmlElement('p')]);
  return doc;
};

/** The document's JSON as everybody sees it once the edit's update has reached them. */
const after = (edit: PathEdit): string => {
  const doc = sample();
  const replica = new Y.Doc();
  Y.applyUpdate(replica, Y.encodeStateAsUpdate(doc));
  const update = computeEdit(replica, edit, client);
  assert.equal(
    [...Y.parseUpdateMeta(update).to.keys()].filter((id) => id !== client),
    [],
  );
  Y.applyUpdate(doc, update);
  return JSON.stringify(documentJson(doc));
};

const plan = '"plan":{"tasks":[1,{"title":"paint","tags":[]}]}';
const all = (content: string, rest = plan, more = '') => `{"content":"${content}",${rest},"x":"<p></p>"${more}}`;

test('texts, maps and arrays are edited by path', () => {
  const tasks = ['plan', 'tasks'];
  const at = (text: string) => all('hello world', text);
  assert.is(after({ path: ['content'], action: 'insert', index: 5, value: ',' }), all('hello, world'));
  assert.is(after({ path: ['content'], action: 'insert', value: '!' }), all('hello world!'));
  assert.is(after({ path: ['content'], action: 'delete', index: 5, length: 6 }), all('hello'));
  assert.is(after({ path: ['content'], action: 'replace', value: 'bye' }), all('bye'));
  assert.is(after({ path: tasks, action: 'replace', index: 0, value: 2 }), at(plan.replace('[1', '[2')));
  assert.is(after({ path: tasks, action: 'delete', index: 1 }), at('"plan":{"tasks":[1]}'));
  assert.is(
    after({ path: [...tasks, 1, 'title'], action: 'insert', index: 0, value: 're' }),
    at(plan.replace('paint', 'repaint')),
  );
  assert.is(after({ path: [...tasks, 1], action: 'delete', key: 'tags' }), at(plan.replace(',"tags":[]', '')));
  assert.is(
    after({ path: [...tasks, 1, 'tags'], action: 'insert', value: { a: [1] } }),
    at(plan.replace('[]', '[{"a":[1]}]')),
  );
});

test('the first edit of a root decides its type', () => {
  assert.is(after({ path: ['n'], action: 'insert', value: 'text' }), all('hello world', plan, ',"n":"text"'));
  assert.is(after({ path: ['n'], action: 'insert', key: 'k', value: 1 }), all('hello world', plan, ',"n":{"k":1}'));
  assert.is(after({ path: ['n'], action: 'insert', value: [1] }), all('hello world', plan, ',"n":[[1]]'));
});

test('an edit that cannot be carried out names what is wrong with it', () => {
  const faults: [PathEdit, string][] = [
    [{ path: ['content', 'x'], action: 'insert', value: 'a' }, '/path/1'],
    [{ path: ['plan', 'nothing'], action: 'insert', value: 'a' }, '/path/1'],
    [{ path: ['plan', 'tasks', 2], action: 'insert', value: 'a' }, '/path/2'],
    [{ path: ['plan', 'tasks', 0], action: 'insert', value: 'a' }, '/path'],
    [{ path: [], action: 'insert', value: 'a' }, '/path/0'],
    [{ path: ['x'], action: 'insert', value: 'a' }, '/path/0'],
    [{ path: ['plan'], action: 'insert', value: 'a' }, '/key'],
    [{ path: ['content'], action: 'insert', key: 'k', value: 'a' }, '/key'],
    [{ path: ['content'], action: 'insert', index: 12, value: 'a' }, '/index'],
    [{ path: ['content'], action: 'delete', index: 8, length: 4 }, '/length'],
    [{ path: ['content'], action: 'insert', value: 3 }, '/value'],
    [{ path: ['content'], action: 'insert', value: '' }, '/'],
    [{ path: ['plan'], action: 'delete', key: 'absent' }, '/key'],
    [{ path: ['plan'], action: 'insert', key: 'k' }, '/value'],
    [{ path: ['plan'], action: 'insert', key: 'k', value: JSON.parse('{"__proto__":1}') }, '/value'],
  ];
  for (const [edit, at] of faults) {
    try {
      after(edit);
      assert.unreachable(JSON.stringify(edit));
    } catch (error) {
      if (!(error instanceof ContrailError)) throw error;
      assert.is(error.code, 'bad-request');
      assert.is(error.faults[0]?.at, at, JSON.stringify(edit));
    }
  }
});

test("a channel's root cannot be edited", () => {
  for (const name of ['flights', 'flights:west', 'notifications'])
    assert.throws(
      () => after({ path: [name], action: 'insert', key: 'k', value: 1 }),
      (error: unknown) => error instanceof ContrailError && error.code === 'server-owned',
    );
});

test.run();
