import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { documentJson, documentText, rootText } from '../../src/crdt/root-types.js';

const loaded = (make: (doc: Y.Doc) => void): Y.Doc => {
  const doc = new Y.Doc();
  make(doc);
  const other = new Y.Doc();
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
  return other;
};

test('roots of a document loaded from updates are told apart by their content', () => {
  const doc = loaded((made) => {
    made.getText('t').insert(0, 'rich');
    made.getText('t').format(0, 2, { bold: true });
    made.getMap('m').set('k', new Y.Array());
    made.getArray('a').insert(0, [1, 'two', null, new Y.Map([['x', true]])]);
    const p = new Y.XmlElement('p');
    p.setAttribute('class', 'lead');
    const text = new Y.XmlText('hi');
    text.format(0, 1, { em: {} });
    p.insert(0, [text]);
    made.getXmlFragment('x').insert(0, [p]);
  });
  const json = {
    t: 'rich',
    m: { k: [] },
    a: [1, 'two', null, { x: true }],
    x: '<p class="lead"><em>h</em>i</p>',
  };
  assert.is(JSON.stringify(documentJson(doc)), JSON.stringify(json));
  assert.is(JSON.stringify(documentText(doc)), JSON.stringify({ t: json.t, x: json.x }));
  assert.is(rootText(doc, 'm'), null);
  assert.is(rootText(doc, 'absent'), '');
  for (const type of doc.share.values()) assert.is(type.constructor, Y.AbstractType, 'still without a type');
});

test('XML reads as Yjs writes it', () => {
  const doc = new Y.Doc();
  const fragment = doc.getXmlFragment('x');
  const element = new Y.XmlElement('Div');
  element.setAttribute('b', '2');
  element.setAttribute('a', '1');
  fragment.insert(0, [element, new Y.XmlText('tail')]);
  element.insert(0, [new Y.XmlText('in'), new Y.XmlElement('br')]);
  assert.is(documentJson(doc)['x'], fragment.toString());
});

test('a key or root named __proto__ is exported like any other', () => {
  const doc = loaded((made) => {
    made.getMap('__proto__').set('__proto__', 'x');
    made.getMap('m').set('__proto__', { polluted: true });
  });
  assert.is(JSON.stringify(documentJson(doc)), '{"__proto__":{"__proto__":"x"},"m":{"__proto__":{"polluted":true}}}');
  assert.is(Object.getPrototypeOf(structuredClone(documentJson(doc))), Object.prototype);
  assert.is(JSON.stringify(structuredClone(documentJson(doc))), JSON.stringify(documentJson(doc)));
  assert.is(({} as Record<string, unknown>)['polluted'], undefined);
});

test('values that JSON lacks have a stand-in', () => {
  const doc = loaded((made) => {
    made.getMap('m').set('bytes', new Uint8Array([1, 2]));
    made.getMap('m').set('big', 12n);
    made.getMap('m').set('none', undefined);
    made.getMap('m').set('nan', Number.NaN);
    made.getMap('m').set('sub', new Y.Doc({ guid: 'g' }));
  });
  const json = JSON.stringify(documentJson(doc)['m']);
  assert.is(json, '{"bytes":"AQI=","big":"12","none":null,"nan":null,"sub":{"guid":"g"}}');
});

test('emptied roots are left out, and a text with attributes is a text', () => {
  const doc = loaded((made) => {
    made.getText('gone').insert(0, 'x');
    made.getText('gone').delete(0, 1);
    made.getMap('empty').set('k', 1);
    made.getMap('empty').delete('k');
    made.getText('both').insert(0, 'text');
    made.getText('both').setAttribute('lang', 'en');
  });
  assert.is(JSON.stringify(documentJson(doc)), '{"both":"text"}');
  assert.is(rootText(doc, 'gone'), '');
});

test.run();
