/** The package as somebody gets it: packed, and installed in an empty folder. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

export interface Packed {
  /** The empty folder, with kvx in its node_modules. */
  readonly folder: string;
  readonly tarball: string;
  readonly unpackedBytes: number;
  readonly files: readonly string[];
}

/** What its examples import, linked from here. */
const beside = ['vitest', 'fast-check', 'typescript', '@types/node', 'undici-types'];

/** Packs a copy: packing changes what is built. */
export function packAndInstall(): Packed {
  const top = mkdtempSync(join(tmpdir(), 'kvx-package-'));
  const copy = join(top, 'copy');
  const folder = join(top, 'empty');
  for (const name of [
    'package.json',
    'LICENSE',
    'README.md',
    'bin',
    'dist',
    'scenarios',
    'scripts',
  ]) {
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !path.endsWith('.cache'),
    });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  run(copy, process.execPath, 'scripts/pack.js');
  const told = run(copy, 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', top);
  const [{ filename, unpackedSize, files }] = JSON.parse(told);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const quiet = ['--offline', '--no-audit', '--no-fund', '--no-package-lock'];
  run(folder, 'npm', 'install', ...quiet, join(top, filename));
  for (const name of beside) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }
  const names = files.map(({ path }: { readonly path: string }) => path);
  return { folder, tarball: join(top, filename), unpackedBytes: unpackedSize, files: names };
}

export function run(cwd: string, command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', env: environment(cwd) });
}

/** Not that of the run of tests that this is part of. */
export function environment(cwd: string): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, KVX_HOME: join(cwd, 'home'), NO_COLOR: '1' };
}

/** How an example is run: as it stands, by a runner of tests, or by Vitest to see it fail. */
type ExampleKind = 'plain' | 'vitest' | 'node:test' | 'failing';

export interface Example {
  readonly page: string;
  readonly kind: ExampleKind;
  readonly text: string;
  /** What is written below it, if anything; where that stands in the page. */
  readonly shown: { readonly text: string; readonly from: number; readonly to: number } | null;
}

const block =
  /^```ts(?: ([\w:]+))?\n(.*?)^```$(?:\n+(?:prints|A failure of it|It says)[^\n]*)?(?:\n+```text\n(.*?)^```$)?/gms;

export function examplesIn(page: string): readonly Example[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(block)].map((match) => {
    const [whole, kind = 'plain', code = '', shown] = match;
    const to = match.index + whole.length - '```'.length;
    return {
      ...{ page, kind: kind as ExampleKind, text: code },
      shown: shown === undefined ? null : { text: shown, from: to - shown.length, to },
    };
  });
}

/** Writes down what is printed now. */
export function rewriteShown(page: string, told: ReadonlyMap<Example, string>): void {
  const path = join(root, page);
  let text = readFileSync(path, 'utf8');
  const places = [...told].flatMap(([{ shown }, now]) =>
    shown === null ? [] : [{ ...shown, now }],
  );
  for (const { from, to, now } of places.sort((a, b) => b.from - a.from)) {
    text = text.slice(0, from) + now + text.slice(to);
  }
  writeFileSync(path, text);
}
