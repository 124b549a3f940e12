// Questions about a document's past by REST.

const person = { 'X-User-Id': 'bench' };

/** One request: {ms, body}. Throws where the answer is none. */
const timed = async (request) => {
  const started = performance.now();
  const response = await request();
  const body = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${body.slice(0, 300)}`);
  return { ms: performance.now() - started, body };
};

/** Those about the document at the URL `base`. */
export const questions = (base) => {
  const post = (what, body) =>
    timed(() =>
      fetch(`${base}/${what}`, {
        method: 'POST',
        headers: { ...person, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );
  const head = async () => JSON.parse((await timed(() => fetch(base))).body).seq;
  return {
    head,
    past: (seq) => timed(() => fetch(`${base}/at?seq=${seq}&as=text`)),
    diff: async () => {
      const to = await head();
      return timed(() => fetch(`${base}/diff?from=${to - 1000}&to=${to}`));
    },
    edit: (index) => post('edits', { path: ['content'], action: 'insert', index, value: 'word ' }),
    undo: () => post('undo', {}),
    redo: () => post('redo', {}),
  };
};
