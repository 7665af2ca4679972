/**
 * What `npm pack` holds, and that the examples of the README and of docs/library.md do what they say with it: compiled by strict
 * `tsc`, run under Node, Vitest and node:test. `KVX_REWRITE=1` writes down what they print now.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Example,
  environment,
  examplesIn,
  type Packed,
  packAndInstall,
  rewriteShown,
  run,
} from './packed.js';

const pages = ['README.md', 'docs/library.md'];
const examples = pages.flatMap((page) => examplesIn(page));
const byKind = (kind: Example['kind']) => examples.filter((example) => example.kind === kind);

let packed: Packed;

const nameOf = (example: Example): string => {
  const isTest = example.kind === 'vitest' || example.kind === 'failing';
  return `example-${examples.indexOf(example)}${isTest ? '.test' : ''}`;
};

beforeAll(() => {
  packed = packAndInstall();
  const { folder } = packed;
  for (const example of examples)
    writeFileSync(join(folder, `${nameOf(example)}.ts`), example.text);
});

afterAll(() => rmSync(dirname(packed.folder), { recursive: true }));

test('it holds what is built, and no more than 3 MB', async () => {
  const { unpackedBytes, files, folder } = packed;
  expect(unpackedBytes).toBeLessThan(3e6);
  const tops = new Set(files.map((file) => file.split('/')[0]));
  expect([...tops].sort()).toEqual([
    'LICENSE',
    'README.md',
    'bin',
    'dist',
    'package.json',
    'scenarios',
  ]);
  expect(files.filter((file) => /\.(?:map|cache|html)$|\.ts$(?<!\.d\.ts)/.test(file))).toEqual([]);
  expect(readdirSync(join(folder, 'node_modules')).sort()).not.toContain('@oclif');
  const { messages } = await publint({
    pkgDir: join(folder, 'node_modules/kvx'),
    strict: true,
    pack: false,
  });
  expect(messages).toEqual([]);
});

test('its examples are what strict tsc accepts, and so are its types', () => {
  const options = {
    ...{
      target: 'ES2022',
      module: 'NodeNext',
      outDir: 'out',
      lib: ['ES2023', 'ESNext.Disposable'],
    },
    ...{
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      types: ['node'],
    },
  };
  const { folder } = packed;
  const compile = (name: string, include: readonly string[], skipLibCheck: boolean) => {
    const config = { compilerOptions: { ...options, skipLibCheck }, include };
    writeFileSync(join(folder, name), JSON.stringify(config));
    return spawnSync('node_modules/typescript/bin/tsc', ['-p', name], {
      cwd: folder,
      encoding: 'utf8',
    }).stdout;
  };
  expect(compile('tsconfig.json', ['*.ts'], true)).toBe('');
  // Those of Vitest are its own business.
  const ours = examples.filter(({ text }) => !/'(?:vitest|fast-check)'/.test(text));
  expect(
    compile(
      'own.json',
      ours.map((each) => `${nameOf(each)}.ts`),
      false,
    ),
  ).toBe('');
});

test('its examples run, and print what stands below them', async () => {
  const told = new Map<Example, string>();
  for (const example of byKind('plain')) {
    told.set(example, run(packed.folder, process.execPath, `out/${nameOf(example)}.js`));
  }
  for (const example of byKind('node:test')) {
    const said = run(packed.folder, process.execPath, '--test', `out/${nameOf(example)}.js`);
    expect(said).toMatch(/^[#ℹ] fail 0$/m);
  }
  for (const [example, { status, message }] of vitestResults()) {
    const expected = example.kind === 'failing' ? 'failed' : 'passed';
    expect({ example: nameOf(example), message, status }).toEqual({
      ...{ example: nameOf(example), message },
      status: expected,
    });
    if (example.kind === 'failing') told.set(example, message);
  }
  for (const page of pages) {
    const here = new Map([...told].filter(([example]) => example.page === page));
    if (process.env['KVX_REWRITE'] === '1') rewriteShown(page, here);
    else for (const [{ shown }, now] of here) if (shown !== null) expect(now).toBe(shown.text);
  }
});

interface TestResult {
  readonly status: string;
  readonly message: string;
}

/** Of each example that is tests: how they went, and what the first that failed said. */
function vitestResults(): Map<Example, TestResult> {
  const { folder } = packed;
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=json',
    '--no-file-parallelism',
    '--no-isolate',
  ];
  const { stdout } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    env: environment(folder),
  });
  const { testResults } = JSON.parse(stdout);
  const all = [...byKind('vitest'), ...byKind('failing')];
  return new Map(
    all.map((example) => {
      const found = testResults.find(({ name }: { name: string }) =>
        name.endsWith(`/${nameOf(example)}.ts`),
      );
      const message: string =
        found.assertionResults.flatMap(
          (each: { failureMessages: string[] }) => each.failureMessages,
        )[0] ?? found.message;
      const [said = ''] = message.replace(/^\w*Error: /, '').split(/\n {4}at /);
      return [example, { status: found.status, message: `${said.trimEnd()}\n` }];
    }),
  );
}

test.each([
  ['is killed', 'await new Promise(() => setInterval(() => {}, 1000));'],
  ['throws', "throw new Error('gone wrong');"],
])('nothing is left of a cluster when its caller %s', async (_, end) => {
  const { folder } = packed;
  const home = join(folder, `home-${_.replace(' ', '-')}`);
  mkdirSync(home);
  const script = `import { startCluster } from 'kvx';
const cluster = await startCluster({ nodes: 1, options: { replicas: 1 } });
const { document } = await cluster.run('cluster status');
console.log(document.nodes[0].pid);
${end}`;
  const env = { ...environment(folder), KVX_HOME: home };
  const caller = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [said] = await once(caller.stdout, 'data');
  const daemon = Number(said);
  expect(daemon).not.toBe(caller.pid);
  caller.kill('SIGKILL');
  await expect.poll(() => isThere(daemon), { timeout: 20_000, interval: 50 }).toBe(false);
  expect(readdirSync(home, { recursive: true }).filter((name) => /run-/.test(`${name}`))).toEqual(
    [],
  );
});

function isThere(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
