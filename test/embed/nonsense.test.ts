// Code makes mistakes: any function of the embedding API, called with nonsense, refuses with a code word or does what it was asked, and never anything else.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ContrailError } from '../../src/contrail.js';
import { chooseSeed, seededRandom, wholeBelow } from '../support/seed.js';
import { withHosted } from './hosted.js';

const circular: Record<string, unknown> = {};
circular['self'] = circular;

const nonsense: readonly unknown[] = [
  ...[undefined, null, 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 10n, true],
  ...['', 'plan', 'alice', 'system', '../x', 'x'.repeat(300), '\ud800', '__proto__', 'FL-001'],
  ...[[], ['a'], {}, circular, new Map(), new Date(Number.NaN), Symbol('s'), () => 1],
  ...[{ actor: 7 }, { actor: 'alice' }, { limit: -1 }, { limit: 'x' }, { after: 'q' }, { role: 'god' }, { upTo: 5 }],
  ...[{ userIds: 5, role: 'editor' }, { userIds: ['bob'], role: 'viewer' }, { scope: 'document' }, { kinds: 7 }],
  ...[{ path: ['content'], action: 'insert', value: 'q' }, { path: [1], action: 'insert' }, { since: 'x' }],
  ...[{ type: 'alert', userId: 'alice', data: null }, { flightNumber: 'DL1' }, { content: 'text' }, { id: 'plan' }],
];

test('whatever is handed in, the answer is a result or an error with a code, and the server goes on', () =>
  withHosted(async ({ contrail }) => {
    const random = seededRandom(chooseSeed());
    const pick = <T>(values: readonly T[]): T => values[wholeBelow(random, values.length)] as T;
    const groups = ['documents', 'flights', 'notifications', 'presence', 'messages', 'log'] as const;
    await contrail.documents.create({ id: 'plan', content: 'hello' });
    const others: string[] = [];
    let refused = 0;
    let done = 0;
    for (let call = 0; call < 1_500; call++) {
      const group = pick(groups);
      const calls = contrail[group] as unknown as Record<string, unknown>;
      const name = pick(Object.keys(calls).filter((key) => typeof calls[key] === 'function' && key !== 'close'));
      const given = [pick(nonsense), pick(nonsense), pick(nonsense)];
      try {
        const result = await (calls[name] as (...given: unknown[]) => unknown)(...given);
        if (typeof result === 'function') result();
        done += 1;
      } catch (error) {
        if (error instanceof ContrailError && error.code !== 'internal') refused += 1;
        else others.push(`${group}.${name}: ${error instanceof Error ? error.stack : String(error)}`);
      }
    }
    assert.equal([...new Set(others)], []);
    assert.ok(refused > 500 && done > 20, `${refused} refused, ${done} done`);
    assert.is((await fetch(`${contrail.url}/healthz/ready`)).status, 200);
    assert.ok((await contrail.documents.create({ id: 'after' })).seq > 0);
  }));

test.run();
