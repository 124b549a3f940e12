// Several people edit one gated document: their updates pass the gate, the document's deltas reach the others late and in bursts,
// people go offline and come back with a step2. Nobody in here is hostile, so nothing may be refused.

import * as Y from 'yjs';
import { liveUpdateLimits, syncUpdateLimits } from '../../src/crdt/update-limits.js';
import { assertReplays, dumpDocument } from './document-dump.js';
import { GatedDocument } from './gated-document.js';
import { Editor, type Numbers, randomNumbers } from './random-edits.js';

export interface Step {
  /** Who acts, and what: numbers taken modulo what there is. */
  readonly who: number;
  readonly what: number;
  readonly numbers: Numbers;
}

interface Participant {
  readonly editor: Editor;
  /** Own updates the server has not seen, and deltas this one has not seen. */
  readonly outgoing: Uint8Array[];
  readonly incoming: Uint8Array[];
  online: boolean;
}

export class EditingSession {
  readonly server = new GatedDocument();
  readonly people: readonly Participant[];
  readonly counts = { accepted: 0, 'not-ready': 0 };
  /** Every update offered, for those who want to replay or to maim them. */
  readonly offered: Uint8Array[] = [];

  constructor(clients: readonly number[]) {
    this.people = clients.map((client) => ({ editor: new Editor(client), outgoing: [], incoming: [], online: true }));
    for (const person of this.people) {
      person.editor.doc.on('update', (update: Uint8Array, origin: unknown) => {
        if (origin !== 'server' && person.online) person.outgoing.push(update);
      });
    }
  }

  run(step: Step): void {
    const person = this.people[step.who % this.people.length];
    if (person === undefined) return;
    const what = step.what % 12;
    if (what < 6) person.editor.edit(step.numbers);
    else if (what < 8) this.#send(person, 1 + (step.numbers[0] % 4));
    else if (what < 10) this.#receive(person, 1 + (step.numbers[0] % 4));
    else if (what === 10) person.online = false;
    else this.#reconnect(person);
  }

  /** Everybody comes back and gets everything; then all documents must be the same. */
  settle(): void {
    for (const person of this.people) this.#reconnect(person);
    for (const person of this.people) this.#receive(person, Number.POSITIVE_INFINITY);
    // What Yjs cleans up on receiving is sent as well.
    for (let round = 0; round < 4; round += 1) {
      for (const person of this.people) this.#send(person, Number.POSITIVE_INFINITY);
      for (const person of this.people) this.#receive(person, Number.POSITIVE_INFINITY);
    }
    const expected = dumpDocument(this.server.doc);
    for (const { editor } of this.people) {
      const own = dumpDocument(editor.doc);
      if (own !== expected)
        throw new Error(`client ${editor.doc.clientID} differs\nserver\n${expected}\nclient\n${own}`);
    }
    assertReplays(this.server.doc, this.server.deltas);
  }

  #offer(update: Uint8Array, limits = liveUpdateLimits): void {
    const before = this.server.deltas.length;
    this.offered.push(update);
    const outcome = this.server.offer(update, limits);
    if (outcome.kind !== 'accepted') {
      const bytes = Buffer.from(update).toString('hex');
      throw new Error(`an honest update was ${outcome.kind} (${outcome.rule}: ${outcome.detail}): ${bytes}`);
    }
    this.counts.accepted += 1;
    for (const delta of this.server.deltas.slice(before)) {
      // To the sender too: the document may have cleaned up formatting marks, which is a delta of its own.
      for (const person of this.people) if (person.online) person.incoming.push(delta);
    }
  }

  #send(person: Participant, count: number): void {
    if (!person.online) return;
    for (const update of person.outgoing.splice(0, count)) this.#offer(update);
  }

  #receive(person: Participant, count: number): void {
    if (!person.online) return;
    for (const delta of person.incoming.splice(0, count)) Y.applyUpdate(person.editor.doc, delta, 'server');
  }

  #reconnect(person: Participant): void {
    const { doc } = person.editor;
    person.online = true;
    // Edits made before the first step2 arrived go out first; they wait until it is in.
    const unsent = person.outgoing.splice(0);
    person.incoming.length = 0;
    const step1 = Y.encodeStateVector(this.server.doc);
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(this.server.doc, Y.encodeStateVector(doc)), 'server');
    this.#offer(Y.encodeStateAsUpdate(doc, step1), syncUpdateLimits);
    for (const update of unsent) this.#offer(update);
  }
}

/** Runs that many programs of up to 300 steps by 4 people, and answers how many updates were accepted; throws where one was not. */
export const runHonest = (programs: number, random: () => number): number => {
  let accepted = 0;
  for (let program = 0; program < programs; program += 1) {
    const session = new EditingSession([1, 2, 3, 4].map((index) => index + 4 * Math.floor(random() * 1_000_000_000)));
    for (let steps = Math.floor(random() * 300); steps > 0; steps -= 1) {
      const [who, what] = randomNumbers(random);
      session.run({ who, what, numbers: randomNumbers(random) });
    }
    session.settle();
    accepted += session.counts.accepted;
  }
  return accepted;
};
