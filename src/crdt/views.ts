// The view documents in memory, and the one way by which they change: patches from a domain, logged in one transaction with its events.
//
// ### Order
// Everything goes through one queue: opening a view, and changes. A round takes what has gathered, drafts it in order, appends it at once, and
// shows it once durable. A unit expects the head of each view stream it writes, so a failed unit takes those that were drafted after it
// along; they are drafted anew.

import { ContrailError } from '../model/errors.js';
import type { AppendUnit, EventLog } from '../model/event-log.js';
import type { LoggedEvent, NewEvent } from '../model/events.js';
import { type StreamName, systemActor } from '../model/ids.js';
import { type Clock, type Random, randomClientId } from '../model/time.js';
import type { CommitChange, DomainChange, EntryPatch, ViewPatch } from '../model/views.js';
import type { Pack } from './outlet.js';
import { encodeUpdate } from './protocol.js';
import { type ViewClients, viewClientEvent } from './view-clients.js';
import type { ViewDocument, ViewSubscriber } from './view-document.js';
import { type Drafted, dueCheckpoints, reveal, type ShownUpdate } from './view-drafts.js';
import { loadView } from './view-loading.js';

export interface ViewsOptions {
  readonly log: EventLog;
  readonly clients: ViewClients;
  readonly clock: Clock;
  readonly random: Random;
  /** What a view must show now, from the projections; view documents are caches of it (I3). */
  readonly content: (view: StreamName) => readonly EntryPatch[];
  readonly pack: Pack;
}

interface Task {
  readonly change: DomainChange;
  readonly resolve: (events: readonly LoggedEvent[]) => void;
  readonly reject: (error: unknown) => void;
}

const maxRound = 64;
const empty: DomainChange = { events: [], views: [] };

export class Views {
  readonly #options: ViewsOptions;
  readonly #views = new Map<StreamName, ViewDocument>();
  readonly #wanted = new Map<StreamName, Promise<ViewDocument>>();
  #queue: (Task | (() => Promise<void>))[] = [];
  #running = false;

  constructor(options: ViewsOptions) {
    this.#options = options;
  }

  /** A view in memory; `null` when nobody needs it now. */
  peek(stream: StreamName): ViewDocument | null {
    return this.#views.get(stream) ?? null;
  }

  all(): IterableIterator<ViewDocument> {
    return this.#views.values();
  }

  /** Brings a view into memory and subscribes; its content is that of the projections. */
  async subscribe(stream: StreamName, subscriber: ViewSubscriber): Promise<ViewDocument> {
    let wanted = this.#wanted.get(stream);
    if (!wanted) {
      wanted = new Promise((resolve, reject) => {
        this.#push(() => this.#open(stream).then(resolve, reject));
      });
      this.#wanted.set(stream, wanted);
      wanted.then(
        () => this.#wanted.delete(stream),
        () => this.#wanted.delete(stream),
      );
    }
    const view = await wanted;
    // It may have left memory again between the opening and now.
    if (this.#views.get(stream) !== view) return this.subscribe(stream, subscriber);
    view.subscribers.add(subscriber);
    return view;
  }

  unsubscribe(view: ViewDocument, subscriber: ViewSubscriber): void {
    view.subscribers.delete(subscriber);
    this.#leave(view);
  }

  readonly commit: CommitChange = (change) =>
    new Promise((resolve, reject) => {
      this.#push({ change, resolve, reject });
    });

  /** Writes a view afresh under a higher client id. */
  rotate(stream: StreamName): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#push(async () => {
        const view = this.#views.get(stream);
        if (!view) return resolve();
        const unit = { events: [] as NewEvent[], drafted: [] as Drafted[] };
        this.#draftRotation(view, unit.events, unit.drafted);
        await this.#append([{ ...unit, task: { change: empty, resolve: () => resolve(), reject } }]);
      });
    });
  }

  #push(item: Task | (() => Promise<void>)): void {
    this.#queue.push(item);
    if (this.#running) return;
    this.#running = true;
    // Changes of one tick share a round.
    queueMicrotask(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const [first] = this.#queue;
      if (typeof first === 'function') {
        this.#queue.shift();
        await first();
        continue;
      }
      const upTo = this.#queue.findIndex((item, index) => typeof item === 'function' || index >= maxRound);
      const tasks = this.#queue.splice(0, upTo < 0 ? this.#queue.length : upTo) as Task[];
      await this.#round(tasks);
    }
    this.#running = false;
  }

  async #round(tasks: readonly Task[]): Promise<void> {
    const units: { events: NewEvent[]; drafted: Drafted[]; task: Task }[] = [];
    for (const task of tasks) {
      try {
        for (const patch of task.change.views) if (!patch.onlyIfOpen) await this.#open(patch.view);
        units.push({ ...this.#draft(task.change.views), task });
      } catch (error) {
        task.reject(error);
      }
    }
    await this.#append(units);
  }

  #draft(patches: readonly ViewPatch[]): { events: NewEvent[]; drafted: Drafted[] } {
    const events: NewEvent[] = [];
    const drafted: Drafted[] = [];
    for (const patch of patches) {
      const view = this.#views.get(patch.view);
      if (!view) continue;
      if (view.client === null) this.#begin(view, events);
      const update = view.draft(patch.entries);
      if (!update) continue;
      events.push(this.#event(view, 'view', update));
      drafted.push({ view, update, rotated: null });
      if (view.isWorn) this.#draftRotation(view, events, drafted);
    }
    return { events, drafted };
  }

  #draftRotation(view: ViewDocument, events: NewEvent[], drafted: Drafted[]): void {
    const client = this.#freeClient((view.client ?? 0) + 1 + Math.floor(this.#options.random() * 0x1_0000));
    const { update, state } = view.draftRotation(client);
    events.push(viewClientEvent(view.stream, client, this.#options.clock.now()), this.#event(view, 'rotated', update));
    drafted.push({ view, update, rotated: state });
  }

  /** Gives a view its first client id: in the lower half, so that there is room for higher ones. */
  #begin(view: ViewDocument, events: NewEvent[]): void {
    const client = this.#freeClient(Math.ceil(randomClientId(this.#options.random) / 2));
    view.begin(client);
    events.push(viewClientEvent(view.stream, client, this.#options.clock.now()));
  }

  #freeClient(candidate: number): number {
    let client = candidate;
    while (this.#options.clients.find(client)) client += 1;
    return client;
  }

  #event(view: ViewDocument, kind: 'view' | 'rotated', update: Uint8Array): NewEvent {
    return {
      stream: view.stream,
      kind,
      actor: systemActor,
      at: this.#options.clock.now(),
      payload: update,
      meta: null,
    };
  }

  async #append(units: readonly { events: NewEvent[]; drafted: Drafted[]; task: Task }[]): Promise<void> {
    const touched = new Set(units.flatMap(({ drafted }) => drafted.map(({ view }) => view)));
    const heads = new Map([...touched].map((view) => [view, view.draftHead]));
    for (const { drafted } of units) for (const { view } of drafted) heads.set(view, (heads.get(view) ?? 0) - 1);
    const appends = units.map(({ events, drafted, task }, index): AppendUnit => {
      const expect = [...(task.change.expect ?? [])];
      for (const view of new Set(drafted.map((draft) => draft.view)))
        expect.push({ stream: view.stream, head: heads.get(view) ?? 0 });
      for (const { view } of drafted) heads.set(view, (heads.get(view) ?? 0) + 1);
      return {
        events: [...task.change.events, ...events],
        expect,
        checkpoints: dueCheckpoints(units.slice(index), touched),
      };
    });
    if (appends.length === 0) return;
    try {
      const outcomes = await this.#options.log.append(appends);
      const again: Task[] = [];
      const shown = new Map<ViewDocument, ShownUpdate[]>();
      for (const [index, { drafted, task, events }] of units.entries()) {
        const outcome = outcomes[index];
        if (outcome?.ok) {
          for (const draft of drafted) reveal(draft, shown);
          const own = [...task.change.events, ...events].slice(0, task.change.events.length);
          task.resolve(
            own.map((event, at) => ({
              ...event,
              ...(outcome.positions[at] as { id: number; seq: number; at: number }),
            })),
          );
        } else if (outcome && task.change.expect?.some(({ stream }) => stream === outcome.stream)) {
          task.reject(
            new ContrailError('conflict', `The stream ${outcome.stream} has moved on.`, {
              extra: { head: outcome.head },
            }),
          );
        } else again.push(task);
      }
      if (again.length > 0 || outcomes.some(({ ok }) => !ok)) for (const view of touched) await this.#reset(view);
      this.#queue.unshift(...again);
      for (const [view, updates] of shown) this.#show(view, updates);
    } catch (error) {
      for (const { task } of units) task.reject(error);
      for (const view of touched) await this.#reset(view);
    }
    for (const view of touched) this.#leave(view);
  }

  /** One packet for all of a view's subscribers. */
  #show(view: ViewDocument, updates: readonly ShownUpdate[]): void {
    if (view.subscribers.size === 0) return;
    const packets = updates.map(({ update }) => this.#options.pack(encodeUpdate(update)));
    const [only] = packets;
    const packet = packets.length === 1 && only ? only : Buffer.concat(packets);
    for (const subscriber of view.subscribers) subscriber.offer(packet, updates);
  }

  async #open(stream: StreamName): Promise<ViewDocument> {
    const open = this.#views.get(stream);
    if (open) return open;
    const view = await loadView(this.#options.log, stream, this.#options.clients.liveClient(stream));
    this.#views.set(stream, view);
    const expected = this.#options.content(stream);
    const keys = new Set(expected.map(({ key }) => key));
    const gone = view.keys().filter((key) => !keys.has(key));
    const entries = [...expected, ...gone.map((key) => ({ key, fields: null }))];
    if (entries.length === 0) return view;
    // While the log cannot write the view shows what it has: reading goes on.
    const task: Task = { change: empty, resolve: () => undefined, reject: () => undefined };
    await this.#append([{ ...this.#draft([{ view: stream, entries }]), task }]);
    return view;
  }

  async #reset(view: ViewDocument): Promise<void> {
    const head = await this.#options.log.head(view.stream);
    view.resetDraft({ client: this.#options.clients.liveClient(view.stream), head: head?.seq ?? 0 });
  }

  /** Inboxes and empty boards that nobody looks at leave memory. */
  #leave(view: ViewDocument): void {
    if (view.subscribers.size > 0 || this.#wanted.has(view.stream) || this.#views.get(view.stream) !== view) return;
    if (!view.stream.startsWith('view/') && !view.isEmpty) return;
    this.#views.delete(view.stream);
    view.destroy();
  }
}
