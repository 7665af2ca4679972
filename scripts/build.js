/**
 * Builds dist/ and oclif.manifest.json:
 *
 *   dist/kvx.cjs       the command line: oclif and what every command needs, in one script
 *   dist/base.cjs      what it shares with threads and processes
 *   dist/*-late.cjs    what of both a start seldom runs
 *   dist/<entry>.cjs   what these start with (scripts/entries.js)
 *   dist/complete.cjs  what the Tab key calls (scripts/build-completion.js)
 *   dist/commands.js   the commands as a table, for oclif's tools (manifest, readme)
 *   dist/*.cjs         what only some of them need
 *   dist/*.cache       V8's compiled form of these scripts, for the Node that built them
 *   dist/*.js          what others import (kvx, kvx/check, …), with its types under dist/types
 *   dist/man/kvx.1.gz  the man page (scripts/man.js)
 *   dist/web/*.html    the pages (scripts/build-web.js)
 *   dist/schemas.json.br  what `kvx schema` prints (scripts/build-schemas.js)
 *
 * `--check` builds aside and fails if oclif.manifest.json is not what the commands say.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
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
import { writeSchemas } from './build-schemas.js';
import { buildPages } from './build-web.js';
import { entries, libraries, moduleLibraries } from './entries.js';
import { digestOfInputs } from './freshness.js';
import { inAscii } from './in-ascii.js';
import { chunkNames, lateLoading, startChunks } from './late-loading.js';
import { linkScripts } from './link-scripts.js';
import { writeManPage } from './man.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifestPath = join(root, 'oclif.manifest.json');

const under = (/** @type {string} */ file) => join(root, file);

/** What libraries are that are no modules yet: of one name with no chunk. @param {string} name */
const scriptOf = (name) => `library-${name}`;

/**
 * Modules around the scripts of libraries, so that `import` finds each name; and those that are modules themselves.
 * @param {string} outDir @param {Map<string, string[]>} exportsOf
 */
async function buildLibraries(outDir, exportsOf) {
  for (const name of Object.keys(libraries)) {
    const names = exportsOf.get(scriptOf(name)) ?? [];
    const text = `import library from './${scriptOf(name)}.cjs';\nexport const { ${names.join(', ')} } = library;\n`;
    writeFileSync(join(outDir, `${name}.js`), text);
  }
  const homes = Object.entries(libraries).map(([name, file]) => [under(file), `./${name}.js`]);
  const bundle = await rolldown({
    cwd: root,
    input: moduleLibraries,
    platform: 'node',
    external: [/^[@a-z][^:]*$/],
    plugins: [
      {
        name: 'kvx-libraries-import-libraries',
        resolveId(id, importer) {
          if (!id.startsWith('.') || importer === undefined) return undefined;
          const file = join(dirname(importer), id).replace(/\.js$/, '.ts');
          const home = homes.find(([path]) => path === file)?.[1];
          if (home === undefined) throw new Error(`${importer} imports ${id}, which is no library`);
          return { id: home, external: true };
        },
      },
    ],
  });
  await bundle.write({ dir: outDir, format: 'esm', sourcemap: true });
}

const wholeChunks = new Set(Object.entries(chunkNames).flat());

/** What runs whenever a key is read; `main.ts` and commands import the rest when they get to it. */
const starts = ['src/main.ts', 'src/cli/command.ts', 'src/operations/keys.ts'];

/** The command line, what threads and processes start with, and libraries. Returns what each exports. @param {string} outDir */
async function buildScripts(outDir) {
  const named = [
    ...entries.map((entry) => [basename(entry, '.ts'), under(entry)]),
    ...Object.entries(libraries).map(([name, file]) => [scriptOf(name), under(file)]),
  ];
  const bundle = await rolldown({
    cwd: root,
    input: {
      kvx: under('src/main.ts'),
      commands: under('src/commands/index.ts'),
      vocabulary: under('src/cli/completion/vocabulary.ts'),
      ...Object.fromEntries(named),
    },
    platform: 'node',
    preserveEntrySignatures: 'allow-extension',
    external: ['typescript'],
    plugins: lateLoading(),
  });
  const { output } = await bundle.write({
    dir: outDir,
    format: 'cjs',
    sourcemap: true,
    comments: false,
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{ name: startChunks(starts.map(under), entries.map(under)) }],
    },
    entryFileNames: ({ name }) => (name === 'kvx' ? 'kvx-entry.cjs' : '[name].cjs'),
    chunkFileNames: ({ name }) => (wholeChunks.has(name) ? '[name].cjs' : '[name]-[hash].cjs'),
  });
  linkScripts(outDir, chunkNames);
  return new Map(
    output.flatMap((each) =>
      each.type === 'chunk' && each.isEntry ? [[each.name, each.exports]] : [],
    ),
  );
}

/** @param {string} outDir */
function writeInAscii(outDir) {
  for (const name of readdirSync(outDir).filter((each) => each.endsWith('.cjs'))) {
    const script = join(outDir, name);
    writeFileSync(script, inAscii(readFileSync(script, 'utf8')));
  }
}

/**
 * Declarations of what libraries export, and of what these name; no others. Wrong types are `npm run check`'s business.
 * @param {string} outDir
 */
function buildTypes(outDir) {
  const tsc = under('node_modules/.bin/tsc');
  const all = join(outDir, 'types-of-all');
  const { stdout } = spawnSync(tsc, ['-p', under('tsconfig.types.json'), '--outDir', all]);
  const types = Object.values({ ...libraries, ...moduleLibraries }).map((file) => {
    return file.replace(/^src\//, '').replace(/\.ts$/, '.d.ts');
  });
  const taken = new Set(types);
  for (const file of taken) {
    if (!existsSync(join(all, file))) throw new Error(`no types of ${file}:\n${stdout}`);
    const text = readFileSync(join(all, file), 'utf8');
    mkdirSync(dirname(join(outDir, 'types', file)), { recursive: true });
    writeFileSync(join(outDir, 'types', file), text);
    for (const [, id = ''] of text.matchAll(/(?:from|import\() ?['"](\.[^'"]+)\.js['"]/g)) {
      taken.add(`${join(dirname(file), id)}.d.ts`);
    }
  }
  rmSync(all, { recursive: true });
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

/** Whether it was written. @param {string} file @param {string} text */
function writeIfChanged(file, text) {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return false;
  writeFileSync(file, text);
  return true;
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
    let exportsOf = await buildScripts(outDir);
    const manifest = await describeCommands(outDir);
    if (process.argv.includes('--check')) {
      if (readFileSync(manifestPath, 'utf8') === manifest) return;
      process.stderr.write('oclif.manifest.json is out of date: run npm run build and commit it\n');
      process.exitCode = 1;
      return;
    }
    // The command line has the manifest in it, and that is made from the command line.
    if (writeIfChanged(manifestPath, manifest)) {
      rmSync(outDir, { recursive: true });
      exportsOf = await buildScripts(outDir);
      await describeCommands(outDir);
    }
    writeManPage(root, outDir, manifest);
    writeSchemas(root, outDir);
    await buildCompletion(root, outDir);
    writeInAscii(outDir);
    await buildLibraries(outDir, exportsOf);
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
