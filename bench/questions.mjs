// Questions about a document's past by REST, over one connection and with as little work as it takes: whoever asks shares the machine with those
// who type, and `fetch` took some 7 % of a core at 40 questions a second.

import { Agent, request } from 'node:http';
import { gunzipSync } from 'node:zlib';

const person = { 'X-User-Id': 'bench' };

const textOf = (bytes, encoding) => (encoding === 'gzip' ? gunzipSync(bytes) : bytes).toString();

/** One request: {ms until all of the answer is there, text() of it}. Rejects where the answer is none. */
const call = (agent, url, { method = 'GET', value } = {}) =>
  new Promise((resolve, reject) => {
    const body = value === undefined ? null : JSON.stringify(value);
    const headers = { ...person, 'Accept-Encoding': 'gzip' };
    if (body !== null)
      Object.assign(headers, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
    const started = performance.now();
    const asked = request(url, { method, agent, headers }, (answer) => {
      const chunks = [];
      answer.on('error', reject).on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => {
        const ms = performance.now() - started;
        const text = () => textOf(Buffer.concat(chunks), answer.headers['content-encoding']);
        if (answer.statusCode < 300) resolve({ ms, text });
        else reject(new Error(`${answer.statusCode} ${text().slice(0, 300)}`));
      });
    });
    asked.on('error', reject).end(body);
  });

/** Those about the document at the URL `base`. */
export const questions = (base) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const post = (what, value) => call(agent, `${base}/${what}`, { method: 'POST', value });
  const head = async () => JSON.parse((await call(agent, base)).text()).seq;
  return {
    head,
    past: (seq) => call(agent, `${base}/at?seq=${seq}&as=text`),
    diff: async () => {
      const to = await head();
      return call(agent, `${base}/diff?from=${to - 1000}&to=${to}`);
    },
    edit: (index) => post('edits', { path: ['content'], action: 'insert', index, value: 'word ' }),
    undo: () => post('undo', {}),
    redo: () => post('redo', {}),
  };
};
