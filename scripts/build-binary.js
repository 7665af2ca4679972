/**
 * Builds out/kvx: Node itself with all of kvx in it, one file that runs where there is neither. What it brings and what it does not do:
 * docs/binary.md.
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
// @ts-expect-error It has no types.
import { inject } from 'postject';
import { rolldown } from 'rolldown';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const under = (/** @type {string} */ file) => join(root, file);
const filesIn = (/** @type {string} */ folder, /** @type {RegExp} */ ending) =>
  readdirSync(under(folder))
    .filter((name) => ending.test(name))
    .map((name) => `${folder}/${name}`);

/** @param {string} command @param {string[]} args */
function run(command, args, cwd = root) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
  });
  if (status !== 0)
    throw error ?? new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
}

/** Code caches also of what only some commands need. */
function fillCodeCaches() {
  const lines = [
    ['sim', '--seeds', '1..2'],
    ['check', 'test/corpus/stale-read.jsonl'],
    ['run', 'stale-read', '--runtime', 'sim', '--seed', '1', '--diagram'],
    ['run', '--list'],
    ['lab', '--out', '/dev/null'],
  ];
  for (const line of lines) run(process.execPath, ['scripts/fill-code-cache.cjs', ...line]);
}

/** The main script, in one piece: an executable's can load nothing but Node's own modules. @param {string} file */
async function buildMain(file) {
  const bundle = await rolldown({ cwd: root, input: under('bin/image.js'), platform: 'node' });
  await bundle.write({ file, format: 'cjs' });
}

/** By name: which file. @param {string} work */
function assetsOf(work) {
  const scenarios = [...filesIn('scenarios', /\.kvx$/), ...filesIn('scenarios/zoo', /\.kvx$/)];
  const files = [
    ...filesIn('dist', /\.(cjs|cache|br)$/),
    ...filesIn('dist/web', /\.html$/),
    ...scenarios,
  ];
  const assets = Object.fromEntries(files.map((file) => [file, under(file)]));
  for (const folder of ['scenarios', 'scenarios/zoo']) {
    const list = join(work, `${folder.replace('/', '-')}.json`);
    writeFileSync(list, JSON.stringify(readdirSync(under(folder))));
    assets[folder] = list;
  }
  assets['dist/image.cjs'] = join(work, 'image.cjs');
  return assets;
}

async function build() {
  const out = under('out');
  mkdirSync(out, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'kvx-binary-'));
  const unfinished = join(out, `kvx.${process.pid}`);
  try {
    fillCodeCaches();
    await buildMain(join(work, 'image.cjs'));
    const blob = join(work, 'blob');
    const config = {
      main: 'image.cjs',
      output: blob,
      disableExperimentalSEAWarning: true,
      assets: assetsOf(work),
    };
    writeFileSync(join(work, 'sea.json'), JSON.stringify(config));
    // Stack traces have its name as it is said here.
    run(process.execPath, ['--experimental-sea-config', 'sea.json'], work);
    copyFileSync(process.execPath, unfinished);
    // Symbols, which only a debugger of Node itself asks for; where there is no `strip`, they stay.
    spawnSync('strip', [unfinished]);
    const sentinelFuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
    await inject(unfinished, 'NODE_SEA_BLOB', readFileSync(blob), { sentinelFuse });
    renameSync(unfinished, join(out, 'kvx'));
    const mebibytes = (/** @type {string} */ file) => (statSync(file).size / 2 ** 20).toFixed(1);
    console.log(`out/kvx: ${mebibytes(join(out, 'kvx'))} MiB, of which ${mebibytes(blob)} are kvx`);
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(unfinished, { force: true });
  }
}

await build();
