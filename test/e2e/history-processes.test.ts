// What becomes of the processes that answer questions about the past when they, or the server, are told to end.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { childrenOf, priorityOf } from '../support/child-processes.js';
import { until, within } from '../support/deadline.js';
import { Rest } from '../support/rest.js';
import { type ServerProcess, withServer } from '../support/server-process.js';

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** The one history process of a server that has answered a question, and who asks. */
const asked = async (server: ServerProcess): Promise<{ readonly rest: Rest; readonly worker: number }> => {
  const rest = new Rest(server.url, 'alice');
  const created = await rest.call('POST', '/documents/create', { id: 'plan', title: 'Plan', content: 'hello' });
  assert.is(created.status, 201);
  assert.is(await rest.text('/documents/plan/at?seq=1&as=text'), 'hello');
  const [worker = -1, ...others] = childrenOf(server.pid);
  assert.equal(others, []);
  return { rest, worker };
};

test('a history process gives way to everything else', () =>
  withServer({}, async (server) => {
    const { worker } = await asked(server);
    assert.is(priorityOf(worker).idle, true);
    assert.equal(priorityOf(server.pid), priorityOf(process.pid));
  }));

test('where there is no idle work a history process gives way by its niceness', () =>
  withServer({ env: { PATH: '/nowhere' } }, async (server) => {
    const { worker } = await asked(server);
    assert.equal(priorityOf(worker), { nice: 19, idle: false });
  }));

test('a server that is killed leaves no history process behind', () =>
  withServer({}, async (server) => {
    const { worker } = await asked(server);
    await server.kill9();
    await until(() => !runs(worker), 'the history process has ended');
  }));

test('Ctrl-C, which reaches both, ends the server in order, and the history process with it', () =>
  withServer({}, async (server) => {
    const { rest, worker } = await asked(server);
    process.kill(worker, 'SIGINT');
    process.kill(worker, 'SIGTERM');
    assert.is(await rest.text('/documents/plan/at?seq=1&as=text'), 'hello');
    assert.equal(childrenOf(server.pid), [worker]);
    assert.is((await server.stop()).code, 0);
    assert.is(runs(worker), false);
  }));

test('a history process that is killed is replaced, and the server goes on', () =>
  withServer({}, async (server) => {
    const { rest, worker } = await asked(server);
    process.kill(worker, 'SIGKILL');
    await until(() => !childrenOf(server.pid).includes(worker), 'the server knows');
    assert.is(await within(rest.text('/documents/plan/at?seq=1&as=text'), 'a new one answers'), 'hello');
    assert.is.not(childrenOf(server.pid)[0], worker);
  }));

test.run();
