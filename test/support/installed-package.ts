// The package as somebody else has it: packed by npm and unpacked into a project of its own, beside the dependencies that it declares and no
// others. They are links to ours, so that SQLite is not compiled again.

import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildPackage } from './built-package.js';

const run = promisify(execFile);

export interface Project {
  readonly folder: string;
  /** Paths in the package. */
  readonly files: readonly string[];
  /** The command that npm would have put on the path. */
  readonly bin: string;
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

let tarball: Promise<{ readonly file: string; readonly files: readonly string[] }> | null = null;

const pack = async (): Promise<{ readonly file: string; readonly files: readonly string[] }> => {
  await buildPackage();
  const folder = mkdtempSync(join(tmpdir(), 'contrail-packed-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { stdout } = await run('npm', ['pack', '--silent', '--ignore-scripts', '--json', '--pack-destination', folder]);
  const [packed] = JSON.parse(stdout) as Packed[];
  if (!packed) throw new Error('npm packed nothing');
  return { file: join(folder, packed.filename), files: packed.files.map(({ path }) => path) };
};

/** Runs `work` in a project that has the package, with these packages of ours beside it, and these files. */
export const withProject = async (
  { beside, files }: { readonly beside: readonly string[]; readonly files: Readonly<Record<string, string>> },
  work: (project: Project) => Promise<void>,
): Promise<void> => {
  tarball ??= pack();
  const { file, files: packedFiles } = await tarball;
  const folder = mkdtempSync(join(tmpdir(), 'contrail-project-'));
  try {
    const modules = join(folder, 'node_modules');
    const home = join(modules, 'contrail');
    mkdirSync(home, { recursive: true });
    await run('tar', ['-xzf', file, '-C', home, '--strip-components=1']);
    const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
      readonly bin: { readonly contrail: string };
    };
    for (const name of new Set([...Object.keys(manifest.dependencies), ...beside])) {
      const link = join(modules, name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(resolve('node_modules', name), link);
    }
    const bin = join(home, manifest.bin.contrail);
    chmodSync(bin, 0o755);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    await work({ folder, files: packedFiles, bin });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
