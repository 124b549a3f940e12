// A fraction of `npm run torture -- rest-fuzz`: odd requests to every route.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseSeed } from '../support/seed.js';
import { fuzzRest } from './rest-fuzz.js';

test('whatever is sent to a route, it answers as the OpenAPI document says, and the server and its state are none the worse', async () => {
  const { faults, ...figures } = await fuzzRest(3_000, chooseSeed());
  console.log(`  ${JSON.stringify(figures)}`);
  assert.equal(faults, []);
  assert.ok(figures.requests >= 3_000 && figures.succeeded >= 40, 'most routes were reached');
});

test.run();
