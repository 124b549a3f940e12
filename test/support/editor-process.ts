// Somebody at a real editor in a process of its own (codemirror-client.mjs, prosemirror-client.mjs).

import { type ChildProcess, fork } from 'node:child_process';
import { within } from './deadline.js';

interface Answer {
  readonly id: number;
  readonly ok?: unknown;
  readonly error?: string;
}

export type EditorKind = 'codemirror' | 'prosemirror';

export interface EditorView {
  readonly content: string;
  readonly shared: string;
  /** What stands before the cursor. */
  readonly before: string;
  /** The same by the relative position that was made when the cursor was last put somewhere. */
  readonly marked: string;
}

export class EditorProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (ok: unknown) => void; reject: (error: Error) => void }>();
  #lastId = 0;

  private constructor(kind: EditorKind, args: readonly string[]) {
    this.#child = fork(`test/support/${kind}-client.mjs`, [...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message) => {
      const { id, ok, error } = message as Answer;
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(ok);
      else waiting?.reject(new Error(error));
    });
    this.#child.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the editor has ended'));
    });
  }

  /** Resolves once the editor shows the document. */
  static async open(
    wsUrl: string,
    documentId: string,
    user: string,
    kind: EditorKind = 'codemirror',
  ): Promise<EditorProcess> {
    const editor = new EditorProcess(kind, [wsUrl, documentId, user]);
    await within(editor.#answer(0), `${user}'s editor opens`, 30_000);
    return editor;
  }

  type(text: string, pauseMs: number): Promise<unknown> {
    return this.#ask({ do: 'type', text, pauseMs });
  }
  cursor(behind: string): Promise<unknown> {
    return this.#ask({ do: 'cursor', behind });
  }
  async look(): Promise<EditorView> {
    return (await this.#ask({ do: 'look' })) as EditorView;
  }
  close(): void {
    this.#child.disconnect();
  }

  #ask(request: object): Promise<unknown> {
    this.#lastId += 1;
    const answer = this.#answer(this.#lastId);
    this.#child.send({ ...request, id: this.#lastId });
    return answer;
  }

  #answer(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }
}
