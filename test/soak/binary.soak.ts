/**
 * The single executable where there is neither Node nor kvx: a folder with nothing but it and the libraries that it is linked to, which is
 * all that its processes see of the disk. `npm run binary` first.
 */
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runtimeNames } from '../../src/config/spec.js';
import { examples } from '../corpus/corpus.js';

const top = join(import.meta.dirname, '../..');
const binary = join(top, 'out/kvx');
const world = mkdtempSync(join(tmpdir(), 'kvx-bare-'));
const env = { KVX_HOME: '/state', XDG_RUNTIME_DIR: '/run' };

/** With the system's own /proc and /dev, and no other file of it. */
const inside = [
  `mount --bind /proc '${world}/proc' && mount --rbind /dev '${world}/dev'`,
  `exec chroot '${world}' /bin/kvx "$@"`,
].join(' && ');
const unshare = '/usr/bin/unshare';
const own = spawnSync(unshare, ['--mount', 'true']).status === 0 ? [] : ['--map-root-user'];
const words = (args: readonly string[]) => [...own, '--mount', 'sh', '-c', inside, 'sh', ...args];
const paths = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

function kvx(...args: string[]): SpawnSyncReturns<string> {
  return spawnSync(unshare, words(args), {
    ...{ encoding: 'utf8', env: { ...paths, ...env }, timeout: 60_000 },
  });
}

function succeeds(...args: string[]): string {
  const { status, stdout, stderr } = kvx(...args);
  expect({ args, status, stderr: status === 0 ? '' : stderr }).toEqual({
    args,
    status: 0,
    stderr: '',
  });
  return stdout;
}

const filesNow = (): string[] =>
  ['', 'bin', 'tmp', 'run', 'state'].flatMap((folder) =>
    readdirSync(join(world, folder)).map((name) => join(folder, name)),
  );
let filesBefore: string[];

beforeAll(() => {
  for (const folder of ['bin', 'proc', 'dev', 'tmp', 'run', 'state', 'corpus']) {
    mkdirSync(join(world, folder));
  }
  copyFileSync(binary, join(world, 'bin/kvx'));
  const { stdout } = spawnSync('ldd', [binary], { encoding: 'utf8' });
  for (const [, library = ''] of stdout.matchAll(/(\/\S+) \(0x/g)) {
    mkdirSync(join(world, dirname(library)), { recursive: true });
    copyFileSync(realpathSync(library), join(world, library));
  }
  for (const { name, file } of examples()) cpSync(file, join(world, 'corpus', `${name}.jsonl`));
  filesBefore = filesNow();
});
afterAll(() => {
  kvx('cluster', 'down', '--all', '--wipe');
  rmSync(world, { recursive: true, force: true });
});

it('has neither Node nor a shell there', () => {
  const { stderr } = spawnSync(unshare, [...own, 'chroot', world, 'node'], {
    encoding: 'utf8',
    env: paths,
  });
  expect(stderr).toMatch(/No such file/);
  expect(succeeds('--version')).toMatch(/^kvx\/\d/);
});

describe.each(runtimeNames)('on %s', (runtime) => {
  it('runs a cluster, whose nodes die and come back', () => {
    succeeds('cluster', 'up', '-n', '3', '--mode', 'paxos', '--runtime', runtime);
    succeeds('put', 'key', 'value');
    succeeds('node', 'kill', 'n2');
    succeeds('node', 'restart', 'n2');
    expect(succeeds('get', 'key')).toBe('value\n');
    succeeds('bench', '--ops', '500');
    succeeds('cluster', 'down', '--wipe');
  });
});

it('plays the demo', () => {
  expect(succeeds('demo')).toContain('kvx lab');
});

it('runs scenarios that it brings, and seeds on several threads', () => {
  expect(succeeds('run', '--list')).toContain('stale-read');
  succeeds('run', 'stale-read', 'zoo/quorum-no-overlap', '--runtime', 'sim', '--seed', '1');
  succeeds('sim', '--mode', 'paxos', '--seeds', '1..8');
});

it('judges the corpus', () => {
  for (const { name, verdicts } of examples()) {
    const { stdout, stderr } = kvx('check', `/corpus/${name}.jsonl`, '--json');
    expect(stderr).toBe('');
    const models = (JSON.parse(stdout) as { models: { model: string; verdict: string }[] }).models;
    const judged = new Map(models.map(({ model, verdict }) => [model, verdict]));
    for (const [model, verdict] of verdicts) {
      expect([name, model, judged.get(model) ?? verdict]).toEqual([name, model, verdict]);
    }
  }
});

it('serves the page of the laboratory', async () => {
  const served = spawn(unshare, words(['lab', 'stale-read', '--no-open', '--port', '0']), {
    env: { ...paths, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(served, 'exit');
  try {
    const [address] = await Promise.race([once(served.stdout, 'data'), exited]);
    const page = await (await fetch(String(address).trim())).text();
    expect(page).toContain('<script id="opening" type="application/json">');
    expect(page.length).toBeGreaterThan(100_000);
  } finally {
    served.kill('SIGINT');
    await exited;
  }
});

it('writes a report, of which the page comes from inside', () => {
  expect(kvx('check', '/corpus/stale-read.jsonl', '--report', '/tmp/report.html').status).toBe(0);
  rmSync(join(world, 'tmp/report.html'));
});

it('left nothing behind', () => {
  expect(filesNow()).toEqual(filesBefore);
});
