/**
 * Builds dist/ and oclif.manifest.json:
 *
 *   dist/kvx.cjs       the command line: oclif and what every command needs, in one script
 *   dist/base.cjs      what it shares with threads and processes
 *   dist/<entry>.cjs   what these start with (scripts/entries.js)
 *   dist/complete.cjs  what the Tab key calls (scripts/build-completion.js)
 *   dist/commands.js   the commands as a table, for oclif's tools (manifest, readme)
 *   dist/*.cjs         what only some of them need
 *   dist/*.cache       V8's compiled form of these scripts, for the Node that built them
 *   dist/check.js      what others import (kvx/check), with its types under dist/types
 *   dist/web/*.html    the pages (scripts/build-web.js)
 *
 * `--check` builds aside and fails if oclif.manifest.json is not what the commands say.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Plugin, settings } from '@oclif/core';
import { rolldown } from 'rolldown';
import { buildCompletion } from './build-completion.js';
import { buildPages } from './build-web.js';
import { entries, libraries } from './entries.js';
import { digestOfInputs } from './freshness.js';
import { lateLoading, startChunks, wholeChunks } from './late-loading.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifestPath = join(root, 'oclif.manifest.json');

const under = (/** @type {string} */ file) => join(root, file);

/** @param {string} outDir */
async function buildLibraries(outDir) {
  const bundle = await rolldown({
    cwd: root,
    input: libraries,
    platform: 'node',
    external: [/^node:/, /^[@a-z][^:]*$/],
  });
  await bundle.write({
    dir: outDir,
    format: 'esm',
    sourcemap: true,
    chunkFileNames: '[name]-[hash].js',
  });
}

/** What runs whenever a key is read; `main.ts` and commands import the rest when they get to it. */
const starts = ['src/main.ts', 'src/cli/command.ts', 'src/operations/keys.ts'];

/** The command line, and what threads and processes start with. @param {string} outDir */
async function buildScripts(outDir) {
  const named = entries.map((entry) => [basename(entry, '.ts'), under(entry)]);
  const bundle = await rolldown({
    cwd: root,
    input: {
      kvx: under('src/main.ts'),
      commands: under('src/commands/index.ts'),
      vocabulary: under('src/cli/completion/vocabulary.ts'),
      ...Object.fromEntries(named),
    },
    platform: 'node',
    external: ['typescript'],
    plugins: lateLoading(),
  });
  await bundle.write({
    dir: outDir,
    format: 'cjs',
    sourcemap: true,
    codeSplitting: { groups: [{ name: startChunks(starts.map(under), entries.map(under)) }] },
    entryFileNames: ({ name }) => (name === 'kvx' ? 'kvx-entry.cjs' : '[name].cjs'),
    chunkFileNames: ({ name }) => (wholeChunks.includes(name) ? '[name].cjs' : '[name]-[hash].cjs'),
  });
}

/** The same script. V8 takes ASCII as it is; else it decodes all of it, and keeps twice the bytes. @param {string} script */
const inAscii = (script) =>
  script.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** @param {string} outDir */
function writeInAscii(outDir) {
  for (const name of readdirSync(outDir).filter((each) => each.endsWith('.cjs'))) {
    const script = join(outDir, name);
    writeFileSync(script, inAscii(readFileSync(script, 'utf8')));
  }
}

/** Declarations of what libraries export. Wrong types are `npm run check`'s business. @param {string} outDir */
function buildTypes(outDir) {
  const tsc = join(root, 'node_modules/.bin/tsc');
  const types = join(outDir, 'types');
  const { stdout } = spawnSync(tsc, ['-p', join(root, 'tsconfig.types.json'), '--outDir', types]);
  for (const file of Object.values(libraries)) {
    const declarations = join(types, file.replace(/^src\//, '').replace(/\.ts$/, '.d.ts'));
    if (!existsSync(declarations)) throw new Error(`no types of ${file}:\n${stdout}`);
  }
}

/** All command classes by id, for oclif's own tools; kvx loads each when it is called for. */
const commandTable = `import commands from './commands.cjs';
const loaded = [...commands.commands].map(async ([id, load]) => [id, await load()]);
const sorted = (await Promise.all(loaded)).sort(([a], [b]) => (a < b ? -1 : 1));
export default Object.fromEntries(sorted);
`;

/** What `oclif manifest` would write. @param {string} outDir */
async function describeCommands(outDir) {
  writeFileSync(join(outDir, 'commands.js'), commandTable);
  settings.enableAutoTranspile = false;
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  pjson.oclif.commands.target = join(outDir, 'commands.js');
  const plugin = new Plugin({
    root,
    isRoot: true,
    pjson,
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  });
  await plugin.load();
  return `${JSON.stringify(plugin.manifest, null, 2)}\n`;
}

const fillingLines = [
  ...['get key', '--help', 'cluster status', 'fault list'],
  ...['complete zsh node kill n', 'cluster down'],
];

/**
 * Runs the command line on a cluster of its own and keeps what V8 compiled meanwhile: of what all share for `get` alone, since
 * all of it is read at each start. The node, in a process because a thread is ended, writes its own when it ends, after that.
 */
function fillCodeCache() {
  const home = mkdtempSync(join(tmpdir(), 'kvx-'));
  const env = { PATH: process.env['PATH'], HOME: home, KVX_HOME: home, XDG_RUNTIME_DIR: home };
  const filling = 'scripts/fill-code-cache.cjs';
  const run = (/** @type {string} */ script, /** @type {string} */ line, extra = {}) =>
    spawnSync(process.execPath, [join(root, script), ...line.split(' ')], {
      env: { ...env, ...extra },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  // Not before the cluster is down again.
  process.once('SIGINT', () => process.exit(130));
  try {
    // Where none can be started, less is compiled.
    const inNodes = { NODE_OPTIONS: `--require "${under(filling)}"` };
    run('bin/run.js', 'cluster up -n 1 -o replicas=1 --runtime processes', inNodes);
    for (const line of fillingLines) {
      const { status, stderr } = run(filling, line);
      if (status !== 0) throw new Error(`filling the code cache failed:\n${stderr}`);
    }
  } finally {
    run('bin/run.js', 'cluster down --all --wipe');
    rmSync(home, { recursive: true, force: true });
  }
}

/** @param {string} file @param {string} text */
function writeIfChanged(file, text) {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  writeFileSync(file, text);
}

/** Puts the new dist in place by renaming, so that a command that starts meanwhile finds one whole. */
function replaceDist(/** @type {string} */ newDist) {
  const dist = join(root, 'dist');
  const oldDist = `${newDist}-old`;
  if (existsSync(dist)) renameSync(dist, oldDist);
  renameSync(newDist, dist);
  rmSync(oldDist, { recursive: true, force: true });
}

async function build() {
  const outDir = join(root, `dist.tmp-${process.pid}`);
  const digest = digestOfInputs(root);
  try {
    await buildScripts(outDir);
    const manifest = await describeCommands(outDir);
    if (process.argv.includes('--check')) {
      if (readFileSync(manifestPath, 'utf8') === manifest) return;
      process.stderr.write('oclif.manifest.json is out of date: run npm run build and commit it\n');
      process.exitCode = 1;
      return;
    }
    writeIfChanged(manifestPath, manifest);
    await buildCompletion(root, outDir);
    writeInAscii(outDir);
    await buildLibraries(outDir);
    await buildPages(root, outDir);
    buildTypes(outDir);
    writeFileSync(join(outDir, '.inputs'), digest);
    replaceDist(outDir);
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
  fillCodeCache();
}

await build();
