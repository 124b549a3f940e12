// The REST interface as a person calls it in open mode.

export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

export class Rest {
  readonly #base: string;
  readonly #user: string;

  constructor(url: string, user: string) {
    this.#base = `${url}/api/realtime`;
    this.#user = user;
  }

  async call(method: string, path: string, body?: unknown): Promise<RestAnswer> {
    const answer = await fetch(this.#base + path, {
      method,
      headers: { 'X-User-Id': this.#user, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, bytes: new Uint8Array(await answer.arrayBuffer()) };
  }

  /** The body of a GET that must answer 200. */
  async bytes(path: string): Promise<Uint8Array> {
    const answer = await this.call('GET', path);
    if (answer.status !== 200)
      throw new Error(`GET ${path} answered ${answer.status}: ${Buffer.from(answer.bytes).toString()}`);
    return answer.bytes;
  }

  async text(path: string): Promise<string> {
    return Buffer.from(await this.bytes(path)).toString();
  }

  /** The shape is the caller's word: tests compare what they read. */
  async json<T>(path: string): Promise<T> {
    return JSON.parse(await this.text(path)) as T;
  }

  /** A root text of a document as `GET /documents/:id?content=text` tells it. */
  async documentText(documentId: string, root = 'content'): Promise<string | undefined> {
    const document = await this.json<{ content: Record<string, string> }>(
      `/documents/${encodeURIComponent(documentId)}?content=text`,
    );
    return document.content[root];
  }
}
