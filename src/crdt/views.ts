// The view documents in memory, and the one way by which they change: patches from a domain, logged in one transaction with its events.
//
// ### Order
// Everything goes through one queue: opening a view, and changes. A round takes what has gathered, drafts it in order, appends it at once, and
// shows it once durable. A unit expects the head of each view stream it writes, so a failed unit takes those that were drafted after it
// along; they are drafted anew.
//
// ### Failure
// A failed append changes nothing: drafts are made anew from what is shown. Where the log is ahead of what is shown (its writer died between its
// commit and its answer) the view is loaded again. While the log cannot write, a view that is opened shows what it has, and is compared with
// the projections once the log can.

import { ContrailError } from '../model/errors.js';
import type { AppendOutcome, EventLog } from '../model/event-log.js';
import type { LoggedEvent } from '../model/events.js';
import type { StreamName } from '../model/ids.js';
import type { Clock, Random } from '../model/time.js';
import type { CommitChange, DomainChange, EntryPatch } from '../model/views.js';
import type { Pack } from './outlet.js';
import { RotationClock } from './rotation-clock.js';
import { RoundQueue, type Step } from './round-queue.js';
import { inTurns } from './turns.js';
import { ViewBroadcast } from './view-broadcast.js';
import type { ViewClients } from './view-clients.js';
import { type ShownView, ViewDocument, type ViewSubscriber } from './view-document.js';
import { ViewDrafter } from './view-drafter.js';
import { appendUnits, type DraftedChange } from './view-drafts.js';
import { type LoadedView, loadView } from './view-loading.js';

export interface ViewsOptions {
  readonly log: EventLog;
  readonly clients: ViewClients;
  readonly clock: Clock;
  readonly random: Random;
  /** What a view must show now, from the projections; view documents are caches of it (I3). */
  readonly content: (view: StreamName) => readonly EntryPatch[];
  readonly pack: Pack;
  /** What went wrong in the background. */
  readonly onFault: (source: string, error: unknown) => void;
}

interface Task {
  readonly change: DomainChange;
  readonly resolve: (events: readonly LoggedEvent[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Unit extends DraftedChange {
  readonly task: Task;
}

const outbidLimit = 2 ** 32 - 2 ** 30;
const noChange: DomainChange = { events: [], views: [] };

export class Views {
  readonly #options: ViewsOptions;
  readonly #views = new Map<StreamName, ViewDocument>();
  readonly #wanted = new Map<StreamName, Promise<ViewDocument>>();
  readonly #drafter: ViewDrafter;
  readonly #rotations: RotationClock;
  readonly #broadcast: ViewBroadcast;
  readonly #queue: RoundQueue<Task>;
  #closed = false;

  constructor(options: ViewsOptions) {
    this.#options = options;
    this.#queue = new RoundQueue(
      (tasks) => this.#round(tasks),
      (error) => options.onFault('views', error),
    );
    this.#broadcast = new ViewBroadcast(options.clock, options.pack);
    this.#drafter = new ViewDrafter({ ...options, peek: (stream) => this.peek(stream) });
    this.#rotations = new RotationClock(options.clock, (stream) =>
      this.rotate(stream).catch((error: unknown) => options.onFault('views', error)),
    );
    options.log.onWritable((writable) => {
      if (writable) for (const view of this.#views.values()) if (!view.compared) this.#compareLater(view.stream);
    });
  }

  /** Resolves once all that was asked for is done: afterwards nothing is read or written any more, and whoever asks is told `restarting`. */
  close(): Promise<void> {
    this.#closed = true;
    this.#rotations.close();
    return this.#queue.idle();
  }

  /** A view in memory; `null` when nobody needs it now. */
  peek(stream: StreamName): ViewDocument | null {
    return this.#views.get(stream) ?? null;
  }

  /** What the log has of a view that is not in memory; `null` where it has nothing that can be trusted. */
  async lookUp(stream: StreamName): Promise<ShownView | null> {
    const { content } = (await this.#load(stream)).stored;
    return content && { root: content.root, client: content.client, shown: content.items, clock: content.items.length };
  }

  /** Views that are in memory, or about to be: their content is read later than this. */
  open(): Iterable<StreamName> {
    return new Set([...this.#views.keys(), ...this.#wanted.keys()]);
  }

  /** Brings a view into memory and subscribes; its content is that of the projections. */
  async subscribe(stream: StreamName, subscriber: ViewSubscriber): Promise<ViewDocument> {
    let wanted = this.#wanted.get(stream);
    if (!wanted) {
      wanted = new Promise((resolve, reject) => {
        this.#ask(() => this.#open(stream).then(resolve, reject), reject);
      });
      this.#wanted.set(stream, wanted);
      const settled = () => this.#wanted.delete(stream);
      wanted.then(settled, settled);
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
      this.#ask({ change, resolve, reject }, reject);
    });

  /** Writes a view afresh under a higher client id, if it ever had content. */
  rotate(stream: StreamName): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = async () => {
        const view = await this.#open(stream);
        if (view.draftClient === null) {
          this.#leave(view);
          return resolve();
        }
        const task = { change: noChange, resolve: () => resolve(), reject };
        await this.#append([{ ...this.#drafter.rotation(view), task }]);
      };
      this.#ask(() => step().catch(reject), reject);
    });
  }

  /** The same, at most once a minute for each view: what comes too early is done when the minute is over. */
  rotateSoon(stream: StreamName): void {
    this.#rotations.want(stream);
  }

  /**
   * Some client held foreign content of that id under the view's root. It is retracted, but its tombstones win over the same keys of a lower id, so
   * the view gets a higher one. Ids near the end are not chased: a forger must not use them up.
   */
  outbid(stream: StreamName, client: number): void {
    const view = this.#views.get(stream);
    if (!view || client >= outbidLimit || client < view.floor) return;
    view.lift(client);
    if (view.draftClient !== null) this.rotateSoon(stream);
  }

  #ask(item: Task | Step, reject: (error: unknown) => void): void {
    if (this.#closed) reject(new ContrailError('restarting', 'The server is restarting.'));
    else this.#queue.push(item);
  }

  async #round(tasks: readonly Task[]): Promise<void> {
    const units: Unit[] = [];
    for (const [index, task] of tasks.entries()) {
      try {
        for (const { view, onlyIfOpen } of task.change.views) if (!onlyIfOpen) await this.#open(view, true);
        units.push({ ...(await this.#drafter.patches(task.change.views)), task });
      } catch (error) {
        task.reject(error);
        // Drafts cannot be trusted any more: the others begin anew.
        for (const { change } of tasks.slice(0, index + 1))
          for (const { view } of change.views) this.#views.get(view)?.resetDraft();
        this.#queue.again([...units.map((unit) => unit.task), ...tasks.slice(index + 1)]);
        return;
      }
    }
    await this.#append(units);
  }

  async #append(units: readonly Unit[]): Promise<void> {
    if (units.length === 0) return;
    const touched = new Set(units.flatMap(({ drafted }) => drafted.map(({ view }) => view)));
    const appends = appendUnits(units.map((unit) => ({ ...unit, change: unit.task.change })));
    try {
      const outcomes = await this.#options.log.append(appends);
      await this.#settle(units, outcomes, touched);
      for (const [index, { checkpoints }] of appends.entries()) {
        if (!outcomes[index]?.ok) continue;
        for (const { stream, state } of checkpoints ?? []) {
          const view = this.#views.get(stream);
          if (view) Object.assign(view, { checkpointBytes: state.length, bytesSince: 0 });
        }
      }
    } catch (error) {
      for (const { task } of units) task.reject(error);
      for (const view of touched) await this.#reset(view);
    }
    for (const view of touched) this.#leave(view);
  }

  async #settle(
    units: readonly Unit[],
    outcomes: readonly AppendOutcome[],
    touched: ReadonlySet<ViewDocument>,
  ): Promise<void> {
    const again: Task[] = [];
    const durable = new Map<ViewDocument, number>();
    for (const [index, { drafted, task }] of units.entries()) {
      const outcome = outcomes[index];
      if (outcome?.ok) {
        for (const { view } of drafted) durable.set(view, (durable.get(view) ?? 0) + 1);
        task.resolve(task.change.events.map((event, at) => ({ ...event, ...outcome.positions[at] }) as LoggedEvent));
      } else if (outcome && task.change.expect?.some(({ stream }) => stream === outcome.stream)) {
        const detail = `The stream ${outcome.stream} has moved on.`;
        task.reject(new ContrailError('conflict', detail, { extra: { head: outcome.head } }));
      } else again.push(task);
    }
    await inTurns([...durable], ([view, drafts]) =>
      this.#broadcast.show(
        view,
        Array.from({ length: drafts }, () => view.reveal()),
      ),
    );
    if (outcomes.every(({ ok }) => ok)) return;
    this.#queue.again(again);
    for (const view of touched) await this.#reset(view);
  }

  async #open(stream: StreamName, kept = false): Promise<ViewDocument> {
    const view = this.#views.get(stream) ?? (await this.#bring(stream));
    if (kept) view.kept = true;
    return view.compared ? view : this.#compare(view);
  }

  async #bring(stream: StreamName): Promise<ViewDocument> {
    const { stored, ...weights } = await this.#load(stream);
    const view = Object.assign(new ViewDocument(stream, stored), weights);
    this.#views.set(stream, view);
    return view;
  }

  /** Makes a view show what the projections hold. While the log cannot write it shows what it has: reading goes on. */
  async #compare(view: ViewDocument): Promise<ViewDocument> {
    const entries = view.patchesTo(this.#options.content(view.stream));
    const patch = { view: view.stream, entries, onlyIfOpen: true };
    const { events, drafted } = await this.#drafter.patches(entries.length > 0 ? [patch] : []);
    view.compared = drafted.length === 0;
    if (view.compared) return view;
    const resolve = () => {
      view.compared = true;
    };
    const change = { events: [], views: [patch] };
    await this.#append([{ events, drafted, task: { change, resolve, reject: () => undefined } }]);
    return view;
  }

  #compareLater(stream: StreamName): void {
    this.#queue.push(async () => {
      if (this.#views.has(stream)) await this.#open(stream);
    });
  }

  #load(stream: StreamName): Promise<LoadedView> {
    const { log, clients } = this.#options;
    return loadView(log, stream, clients.liveClient(stream));
  }

  async #reset(view: ViewDocument): Promise<void> {
    const head = await this.#options.log.head(view.stream);
    if ((head?.seq ?? 0) !== view.head) {
      const { stored, ...weights } = await this.#load(view.stream);
      Object.assign(view, weights);
      this.#broadcast.show(view, [view.replace(stored)]);
    }
    view.resetDraft();
  }

  /** Views that nobody looks at leave memory, unless a domain writes them all the time. */
  #leave(view: ViewDocument): void {
    if (view.subscribers.size > 0 || this.#wanted.has(view.stream) || this.#views.get(view.stream) !== view) return;
    if (view.kept && !view.isEmpty) return;
    this.#views.delete(view.stream);
  }
}
