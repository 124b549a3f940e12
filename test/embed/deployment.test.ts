// Dockerfile, compose file and unit, as far as they can be held without an engine to run them: what they name is there, and what they run is ours.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { settings } from '../../src/config.js';

interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** A Dockerfile's instructions, with continued lines joined. */
const instructions = (): readonly Instruction[] =>
  readFileSync('Dockerfile', 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ name: line.split(' ', 1)[0] ?? '', text: line.slice(line.indexOf(' ') + 1).trim() }));
const of = (name: string): readonly string[] =>
  instructions()
    .filter((instruction) => instruction.name === name)
    .map(({ text }) => text);

const scripts = (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts;
const settingNames: ReadonlySet<string> = new Set(Object.values(settings).map(({ env }) => env));

test('what the Dockerfile copies is in the repository and in its context', () => {
  const allowed = readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const tracked = execFileSync('git', ['ls-files'], { encoding: 'utf8' }).split('\n');
  for (const copy of of('COPY')) {
    const sources = copy.split(/\s+/).slice(0, -1);
    if (sources[0] === '--from=build') {
      for (const source of sources.slice(1)) assert.ok(['/app/node_modules', '/app/dist'].includes(source), source);
      continue;
    }
    for (const source of sources) {
      assert.ok(
        tracked.some((file) => file === source || file.startsWith(`${source}/`)),
        `${source} is tracked`,
      );
      assert.ok(
        allowed.some((path) => source === path || source.startsWith(`${path}/`)),
        `${source} is in the context`,
      );
    }
  }
  for (const path of allowed) assert.ok(existsSync(path), path);
});

test('the Dockerfile copies everything that its build reads', () => {
  const copied = of('COPY').flatMap((copy) => copy.split(/\s+/).slice(0, -1));
  for (const needed of [
    'package-lock.json',
    '.npmrc',
    'tsconfig.json',
    'tsconfig.build.json',
    'scripts/empty-dist.mjs',
    'src',
    'web',
  ])
    assert.ok(copied.includes(needed), needed);
  assert.match(scripts['build'] ?? '', /scripts\/empty-dist\.mjs.*tsconfig\.build\.json.*vite build web/);
});

test("the Dockerfile runs the package's scripts and starts it without root", () => {
  for (const [, script] of of('RUN')
    .join('\n')
    .matchAll(/npm run (\S+)/g))
    assert.ok(script && scripts[script], script);
  assert.equal(of('USER'), ['node']);
  const [command] = of('CMD').map((text) => JSON.parse(text) as string[]);
  assert.equal(command, ['node', 'dist/main.js', 'serve']);
  const last = instructions().findIndex(({ name }) => name === 'USER');
  assert.ok(last < instructions().findIndex(({ name }) => name === 'CMD'));
  for (const [, name] of (of('ENV').at(-1) ?? '').matchAll(/([A-Z_]+)=/g))
    assert.ok(name === 'NODE_ENV' || settingNames.has(name ?? ''), name);
});

test('the health check of the image is a program that tells a ready server from none', () => {
  const check = JSON.parse((/CMD (\[.*\])/.exec(of('HEALTHCHECK')[0] ?? '') ?? [])[1] ?? '[]') as string[];
  assert.is(check[0], 'node');
  const { status, stderr } = spawnSync(process.execPath, check.slice(1), { env: { PORT: '1' }, encoding: 'utf8' });
  assert.is(status, 1, stderr);
  const ready = `require('node:http').createServer((q, r) => { r.statusCode = q.url === '/healthz/ready' ? 200 : 500; r.end(); })
    .listen(0, '127.0.0.1', function () {
      const { status } = require('node:child_process');
      const child = require('node:child_process').spawn(process.execPath, ${JSON.stringify(check.slice(1))}, { env: { PORT: String(this.address().port) } });
      child.on('close', (code) => process.exit(code));
    });`;
  assert.is(spawnSync(process.execPath, ['-e', ready], { encoding: 'utf8' }).status, 0);
});

test('the compose file parses, sets settings that exist and publishes the port on loopback alone', () => {
  const { services, volumes } = parse(readFileSync('compose.yaml', 'utf8')) as {
    services: {
      contrail: { ports: string[]; environment: Record<string, string>; volumes: string[]; read_only: boolean };
    };
    volumes: Record<string, unknown>;
  };
  const { ports, environment, volumes: mounts, read_only } = services.contrail;
  assert.equal(ports, ['127.0.0.1:1234:1234']);
  assert.equal(mounts, ['data:/data']);
  assert.ok('data' in volumes);
  assert.is(read_only, true);
  for (const name of Object.keys(environment)) assert.ok(settingNames.has(name), name);
});

test('the unit starts the command, waits longer for its stop than that takes, and passes systemd-analyze where there is one', () => {
  const unit = readFileSync('deploy/contrail.service', 'utf8');
  assert.match(unit, /^ExecStart=\/usr\/bin\/node \/opt\/contrail\/node_modules\/contrail\/dist\/main\.js serve$/m);
  assert.ok(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]) > 10);
  for (const [, assignments] of unit.matchAll(/^Environment=(.*)$/gm))
    for (const [, name] of (assignments ?? '').matchAll(/([A-Z_]+)=/g))
      assert.ok(name === 'NODE_ENV' || settingNames.has(name ?? ''), name);
  const verified = spawnSync('systemd-analyze', ['verify', 'deploy/contrail.service'], { encoding: 'utf8' });
  if (verified.error) return console.log('  systemd-analyze is not here: the unit was not verified by it');
  // It also complains when this machine has no node at that path, which is not the unit's fault.
  const complaints = verified.stderr.split('\n').filter((line) => /contrail\.service:\d+:/.test(line));
  assert.equal(complaints, []);
});

test.run();
