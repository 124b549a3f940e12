// Random lives of shared browsers: who connects as whom and with which channels, what changes meanwhile, restarts, other databases, slow
// readers, rotations. After every few steps each client must see exactly what the server shows it, and the document none of it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import type { StreamName } from '../../src/model/ids.js';
import { type Dice, dice } from '../support/random.js';
import { board, contentOf, inbox, type Model, Stage, type StageClient } from './channel-stage.js';

const users = ['alice', 'bob', 'carol'] as const;
const channelNames = ['flights', 'flights:tour', 'notifications'] as const;
const browserCount = 4;

interface Browser {
  doc: Y.Doc;
  client: StageClient | null;
  channels: string[];
}

export interface ScheduleReport {
  readonly schedules: number;
  readonly steps: Readonly<Record<string, number>>;
  readonly checks: number;
}

const viewOf = (channel: string, user: string): StreamName =>
  channel === 'notifications' ? inbox(user) : board(channel === 'flights' ? 'main' : 'tour');

class Schedule {
  readonly #dice: Dice;
  readonly #folders: string[] = [];
  readonly #model: Model = new Map();
  readonly #browsers: Browser[] = Array.from({ length: browserCount }, () => ({
    doc: new Y.Doc(),
    client: null,
    channels: [],
  }));
  #stage: Stage | null = null;
  #next = 0;
  checks = 0;
  readonly steps: Record<string, number> = {};

  constructor(seed: number) {
    this.#dice = dice(seed);
  }

  async run(steps: number): Promise<void> {
    try {
      this.#folder();
      await this.#open();
      for (let step = 1; step <= steps; step += 1) {
        await this.#step();
        if (step % 5 === 0) await this.#check();
      }
      for (const browser of this.#browsers) if (!browser.client) await this.#connect(browser);
      await this.#check();
      assert.equal(this.stage.faults, []);
    } finally {
      await this.#stage?.close();
      for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
    }
  }

  get stage(): Stage {
    if (!this.#stage) throw new Error('not open');
    return this.#stage;
  }

  #folder(): void {
    this.#folders.push(mkdtempSync(join(tmpdir(), 'contrail-schedule-')));
  }

  async #open(document?: Uint8Array): Promise<void> {
    this.#stage = await Stage.open(this.#folders.at(-1) ?? '', {
      random: this.#dice.random,
      model: this.#model,
      ...(document ? { document } : {}),
    });
  }

  async #step(): Promise<void> {
    const { chance, below, pick } = this.#dice;
    const browser = pick(this.#browsers);
    const kind = below(100);
    if (kind < 45) return this.#count('change', () => this.#change());
    if (kind < 52) return this.#count('rotate', () => this.stage.views.rotate(viewOf(pick(channelNames), pick(users))));
    if (kind < 62) return this.#count('edit', async () => this.#edit(browser));
    if (kind < 80)
      return this.#count(browser.client ? 'leave' : 'connect', () =>
        browser.client ? this.#leave(browser) : this.#connect(browser),
      );
    if (kind < 85) return this.#count('subscribe', () => this.#subscribe(browser));
    if (kind < 90)
      return this.#count('slow', async () => {
        if (browser.client) browser.client.slow = true;
      });
    if (kind < 93) return this.#count('persist', () => this.#persist(browser));
    if (kind < 95) return this.#count('foreign', async () => this.#foreign(browser));
    if (kind < 98) return this.#count('restart', () => this.#restart());
    if (chance(0.5)) return this.#count('other database', () => this.#otherDatabase());
  }

  async #count(what: string, work: () => Promise<unknown>): Promise<void> {
    this.steps[what] = (this.steps[what] ?? 0) + 1;
    await work();
    if (this.#dice.chance(0.5)) await this.stage.settle();
  }

  async #change(): Promise<void> {
    const { below, chance, pick } = this.#dice;
    const user = pick(users);
    const view = viewOf(pick(channelNames), user);
    // Flights are on several boards, but a notification belongs to one person.
    const key = view === inbox(user) ? `${user}-${below(6)}` : `K-${below(6)}`;
    const isNew = !this.#model.get(view)?.has(key);
    this.#next += 1;
    const fields =
      !isNew && chance(0.25)
        ? null
        : isNew
          ? { of: view, gate: `G${this.#next}`, list: [this.#next] }
          : { gate: `G${this.#next}`, ...(chance(0.3) ? { note: chance(0.5) ? 'x' : undefined } : {}) };
    await this.stage.commit([{ view, entries: [{ key, fields }], ...(chance(0.2) ? { onlyIfOpen: true } : {}) }]);
  }

  #edit(browser: Browser): void {
    const text = browser.doc.getText('content');
    text.insert(this.#dice.below(text.length + 1), 'x');
    if (text.length > 3 && this.#dice.chance(0.3)) text.delete(this.#dice.below(text.length - 1), 1);
  }

  async #connect(browser: Browser): Promise<void> {
    const channels = channelNames.filter(() => this.#dice.chance(0.8));
    const client = this.stage.enter(this.#dice.pick(users), { doc: browser.doc, channels });
    browser.client = client;
    browser.channels = [...channels];
    await client.join();
    assert.is(client.closed, null, `closed: ${client.closed?.message}`);
  }

  async #leave(browser: Browser): Promise<void> {
    browser.client?.leave();
    browser.client = null;
  }

  async #subscribe(browser: Browser): Promise<void> {
    const channel = this.#dice.pick(channelNames);
    const isOn = browser.channels.includes(channel);
    if (!browser.client) return;
    await browser.client.request({ do: isOn ? 'unsubscribe' : 'subscribe', channel });
    browser.channels = isOn ? browser.channels.filter((each) => each !== channel) : [...browser.channels, channel];
  }

  /** The page is closed and opened again: the document comes back from where it was kept, with another client id. */
  async #persist(browser: Browser): Promise<void> {
    await this.#leave(browser);
    const kept = Y.encodeStateAsUpdate(browser.doc);
    browser.doc = new Y.Doc();
    Y.applyUpdate(browser.doc, kept);
  }

  /** It was connected elsewhere meanwhile. */
  #foreign(browser: Browser): void {
    if (browser.client) return;
    const other = new Y.Doc();
    // As a server gives them out: the upper half is for rotations.
    other.clientID = 1 + this.#dice.below(2 ** 31);
    const root = this.#dice.pick(['flights', 'flights:tour', 'notifications', 'flights:elsewhere']);
    for (let count = 0; count < 4; count += 1) {
      const entries = other.getMap<Y.Map<unknown>>(root);
      const key = root === 'notifications' ? `${this.#dice.pick(users)}-0` : `K-${this.#dice.below(3)}`;
      if (this.#dice.chance(0.3)) entries.delete(key);
      else entries.set(key, new Y.Map(Object.entries({ of: 'elsewhere', gate: 'Z' })));
    }
    Y.applyUpdate(browser.doc, Y.encodeStateAsUpdate(other), this.stage);
  }

  async #restart(): Promise<void> {
    for (const browser of this.#browsers) await this.#leave(browser);
    const document = Y.encodeStateAsUpdate(this.stage.room.doc);
    await this.stage.close();
    await this.#open(document);
  }

  async #otherDatabase(): Promise<void> {
    this.#folder();
    await this.#restart();
  }

  async #check(): Promise<void> {
    const { stage } = this;
    for (const { client } of this.#browsers) {
      if (!client?.slow) continue;
      client.slow = false;
      client.session.drained();
    }
    await stage.settle();
    await stage.clock.advance(60_000);
    await stage.settle();
    const { doc } = stage.room;
    assert.equal(
      [...doc.share.keys()].filter((root) => root !== 'content'),
      [],
    );
    for (const { client, channels } of this.#browsers) {
      if (!client) continue;
      this.checks += 1;
      assert.is(client.closed, null, `closed: ${client.closed?.message}`);
      assert.is(client.doc.getText('content').toString(), doc.getText('content').toString());
      for (const channel of channels) {
        const shown = contentOf(this.#model, viewOf(channel, client.user));
        assert.equal(client.root(channel), shown, `${client.user} ${channel}`);
      }
      for (const [key, fields] of Object.entries(client.root('notifications')))
        assert.is(fields['of'], inbox(client.user), `${client.user} sees ${key}`);
      assert.equal(client.root('flights:elsewhere'), {});
      assert.is(client.doc.store.pendingStructs, null);
      assert.is(client.doc.store.pendingDs, null);
    }
  }
}

export const runSchedules = async (schedules: number, seed: number, steps = 60): Promise<ScheduleReport> => {
  const total: Record<string, number> = {};
  let checks = 0;
  for (let index = 0; index < schedules; index += 1) {
    const schedule = new Schedule(seed + index);
    try {
      await schedule.run(steps);
    } catch (error) {
      console.error(`schedule with seed ${seed + index}, after ${JSON.stringify(schedule.steps)}`);
      throw error;
    }
    checks += schedule.checks;
    for (const [what, count] of Object.entries(schedule.steps)) total[what] = (total[what] ?? 0) + count;
  }
  return { schedules, steps: total, checks };
};
