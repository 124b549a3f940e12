// Drafts changes of view documents: which events log them, under which client ids they are written, and when a view is written afresh.

import { ContrailError } from '../model/errors.js';
import type { NewEvent } from '../model/events.js';
import { type StreamName, systemActor } from '../model/ids.js';
import type { Clock, Random } from '../model/time.js';
import type { ViewPatch } from '../model/views.js';
import { inTurns } from './turns.js';
import { type ViewClients, viewClientEvent } from './view-clients.js';
import type { ViewDocument } from './view-document.js';
import type { Drafted, DraftedChange } from './view-drafts.js';

export interface ViewDrafterOptions {
  readonly clients: ViewClients;
  readonly clock: Clock;
  readonly random: Random;
  /** A view in memory; patches of others are left out. */
  readonly peek: (stream: StreamName) => ViewDocument | null;
}

const clientLimit = 2 ** 32;
/** First ids are shorter by a byte than most: each update names its id in every struct. */
const firstLimit = 2 ** 28;
/** A new client id lies at most this part of the room above the old one: hard to guess, and room for 100,000 rotations. */
const rotationStep = 1 / 4096;

export class ViewDrafter {
  readonly #options: ViewDrafterOptions;

  constructor(options: ViewDrafterOptions) {
    this.#options = options;
  }

  async patches(patches: readonly ViewPatch[]): Promise<DraftedChange> {
    const events: NewEvent[] = [];
    const drafted: Drafted[] = [];
    const open = patches.filter(({ view }) => this.#options.peek(view) !== null);
    await inTurns(open, (patch) => {
      // Looked up again: it may have left memory during a rest.
      const view = this.#options.peek(patch.view);
      if (!view) return;
      const isNew = view.draftClient === null;
      const client = view.draftClient ?? this.#nextClient(view);
      const payload = view.draft(client, patch.entries, patch.highest);
      if (!payload) return;
      if (isNew) events.push(viewClientEvent(view.stream, client, this.#options.clock.now()));
      events.push(this.#event(view, 'view', payload));
      drafted.push({ view, payload, isRotation: false });
      if (!view.isWorn) return;
      const rotation = this.rotation(view);
      events.push(...rotation.events);
      drafted.push(...rotation.drafted);
    });
    return { events, drafted };
  }

  /** A view written afresh. */
  rotation(view: ViewDocument): DraftedChange {
    const client = this.#nextClient(view);
    const payload = view.draftRotation(client);
    const retires = viewClientEvent(view.stream, client, this.#options.clock.now());
    return {
      events: [retires, this.#event(view, 'rotated', payload)],
      drafted: [{ view, payload, isRotation: true }],
    };
  }

  /** The first lies in the lowest sixteenth, so that there is room for higher ones. Throws `overloaded` when there is none left. */
  #nextClient({ floor }: ViewDocument): number {
    const { random, clients } = this.#options;
    let client =
      floor === 0
        ? 1 + Math.floor(random() * (firstLimit - 1))
        : floor + 1 + Math.floor(random() * (clientLimit - floor) * rotationStep);
    while (clients.find(client)) client += 1;
    if (client >= clientLimit) throw new ContrailError('overloaded', 'This channel has used up its client ids.');
    return client;
  }

  #event({ stream }: ViewDocument, kind: 'view' | 'rotated', payload: Uint8Array): NewEvent {
    return { stream, kind, actor: systemActor, at: this.#options.clock.now(), payload, meta: null };
  }
}
