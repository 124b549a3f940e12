// kill -9 in the middle of a command that writes: the folder holds the old state or the new one.

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { contrailHere, runContrail } from '../support/command-line.js';
import { foreignSource } from '../support/foreign.js';
import { chooseSeed, seededRandom } from '../support/seed.js';

/** Kills per command; more with KILLS. */
const kills = Number(process.env['KILLS'] ?? 2);

const importArgs = (dataDir: string, prefix: string): readonly string[] => [
  ...['import', foreignSource['y-leveldb'], '--as', 'migration', '--skip-faulty'],
  ...['--prefix', prefix, '--data', dataDir],
];
const documentsIn = async (dataDir: string): Promise<number> => {
  if (!existsSync(join(dataDir, 'contrail.db'))) return 0;
  const verified = await contrailHere(['verify', '--data', dataDir, '--json']);
  assert.is(verified.code, 0, verified.output);
  return JSON.parse(verified.stdout.trim().split('\n').at(-1) ?? '{}').documents;
};

test('a command killed at any moment has done everything or nothing', async () => {
  const random = seededRandom(chooseSeed());
  const folder = mkdtempSync(join(tmpdir(), 'contrail-command-kills-'));
  try {
    const base = join(folder, 'base');
    assert.is((await contrailHere(importArgs(base, ''))).code, 0);
    const imported = await documentsIn(base);
    assert.ok(imported > 5);
    const backup = join(folder, 'backup.db');
    assert.is((await contrailHere(['backup', '--to', backup, '--data', base])).code, 0);
    const commands: Readonly<Record<string, (dataDir: string) => readonly string[]>> = {
      import: (dataDir) => importArgs(dataDir, 'again/'),
      'import into nothing': (dataDir) => importArgs(join(dataDir, 'new'), ''),
      rebuild: (dataDir) => ['rebuild', '--data', dataDir],
      backup: (dataDir) => ['backup', '--to', join(dataDir, 'new', 'contrail.db'), '--data', dataDir],
      restore: (dataDir) => ['restore', backup, '--data', join(dataDir, 'new')],
      'restore --force': (dataDir) => ['restore', backup, '--force', '--data', dataDir],
    };
    const outcomes: Record<string, number> = {};
    for (const [name, argsFor] of Object.entries(commands)) {
      let longestMs = 400;
      for (let kill = 0; kill < kills; kill += 1) {
        const dataDir = join(folder, 'data');
        mkdirSync(join(dataDir, 'new'), { recursive: true });
        copyFileSync(join(base, 'contrail.db'), join(dataDir, 'contrail.db'));
        const started = performance.now();
        const { code } = await runContrail(argsFor(dataDir), {
          onStart: (child) => {
            const timer = setTimeout(() => child.kill('SIGKILL'), 100 + random() * longestMs);
            child.once('close', () => clearTimeout(timer));
          },
        });
        // One that ended before its kill says how long they take here.
        longestMs = code === 0 ? performance.now() - started : longestMs * 1.2;
        outcomes[code === null ? 'killed' : 'ended'] = (outcomes[code === null ? 'killed' : 'ended'] ?? 0) + 1;
        const here = await documentsIn(dataDir);
        const allowed = name === 'import' ? [imported, 2 * imported] : [imported];
        assert.ok(allowed.includes(here), `${name}: ${here} documents of ${allowed.join(' or ')}`);
        const there = await documentsIn(join(dataDir, 'new'));
        assert.ok(there === 0 || there === imported, `${name}: ${there} documents`);
        // The same command again ends what was begun, and sweeps up.
        const again = await contrailHere(argsFor(dataDir));
        // What is there already is refused; an import leaves it out, as asked.
        const isRefused = there > 0 && !name.startsWith('import');
        assert.is(again.code, isRefused ? 1 : 0, `${name} again: ${again.output}`);
        const left = [dataDir, join(dataDir, 'new')]
          .flatMap((each) => readdirSync(each))
          .filter((file) => file.includes('.partial'));
        if (!isRefused) assert.equal(left, [], name);
        rmSync(dataDir, { recursive: true, force: true });
      }
    }
    console.log(`  ${JSON.stringify(outcomes)}`);
    assert.ok((outcomes['killed'] ?? 0) > 0, 'somebody was killed');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
