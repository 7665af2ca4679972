import { expect, test } from 'vitest';
import { violationsIn } from '../scripts/import-rules.js';

/** What the rules say about a src of these files. */
const complaints = (files: Record<string, string>) =>
  violationsIn(new Map(Object.entries(files))).map(
    ({ path, line, why }) => `${path}:${line}: ${why}`,
  );

test.each([
  ['src/core/a.ts', `import '../runtime/b.js';`, 'core must not know runtime'],
  ['src/core/a.ts', `import fs from 'node:fs';`, 'core is pure and imports no node:fs'],
  ['src/core/a.ts', `import { encode } from 'cbor-x/encode';`, 'imports no cbor-x/encode'],
  ['src/protocols/paxos/a.ts', `import '../../runtime/b.js';`, 'protocols must not know runtime'],
  ['src/protocols/a.ts', `import type { B } from '../sim/b.js';`, 'protocols must not know sim'],
  ['src/protocols/a.ts', `export { b } from '../sim/b.js';`, 'protocols must not know sim'],
  ['src/protocols/a.ts', `await import('../core/b.js');`, 'no await'],
  ['src/runtime/a.ts', `import '../protocols/b.js';`, 'runtime must not know protocols'],
  ['src/sim/a.ts', `import '../cluster/b.js';`, 'sim must not know cluster'],
  ['src/cluster/a.ts', `const b = await import('../sim/b.js');`, 'cluster must not know sim'],
  ['src/client/a.ts', `import '../cluster/b.js';`, 'client must not know cluster'],
  ['src/check/a.ts', `import '../runtime/b.js';`, 'check must not know runtime'],
  ['src/bench/a.ts', `import '../commands/b.js';`, 'bench must not know commands'],
  ['src/sim/a.ts', `import './testing/b.js';`, 'src/sim/testing/b.ts is for tests only'],
  ['src/sim/a.ts', `import { crc32 } from 'node:zlib';`, 'sim is pure and imports no node:zlib'],
  ['src/targets/sim.ts', `import 'node:fs';`, 'targets is pure and imports no node:fs'],
  ['src/elsewhere/a.ts', ``, 'elsewhere has no floor'],
  ['src/bench/a.ts', `import '../main.js';`, 'bench must not know main'],
  ['src/bench/a.ts', `import { encode } from 'cbor-x';`, 'tries to load a native add-on'],
  ['src/commands/a.ts', `import { Command } from '@oclif/core';`, 'loads all of oclif'],
  ['src/sim/a.ts', 'export const a = (x: number) => Math.log(x);', 'engines differ in Math.log'],
  ['src/workload/a.ts', 'export const a = (x: number) => x ** 3;', 'engines differ in **'],
])('%s may not say %s', (path, text, why) => {
  expect(complaints({ [path]: text }).join('\n')).toContain(why);
});

test.each([
  'const now = Date.now();',
  'const dice = Math.random();',
  `const dice = Math['random']();`,
  'setTimeout(() => {}, 1);',
  'export async function a() {}',
  'export const a = async () => {};',
  'export class A { async b() {} }',
  'export const a = Promise.resolve();',
  'export const a = process.pid;',
  'export const a = globalThis;',
  'export const a = import.meta.url;',
])('a protocol may not say %s', (text) => {
  expect(complaints({ 'src/protocols/a.ts': `\n${text}` })).toEqual([
    expect.stringMatching(/^src\/protocols\/a\.ts:2: protocols is pure: no /),
  ]);
});

test.each(['Buffer.from([1]);', 'process.env;', 'performance.now();'])(
  'sim may not say %s',
  (text) => {
    expect(complaints({ 'src/sim/a.ts': text })).toEqual([
      expect.stringMatching(/^src\/sim\/a\.ts:1: sim is pure: no /),
    ]);
  },
);

test('names of members and of types are no references', () => {
  const text = `
    interface Step { process(): void; Date: string }
    export const a = (step: Step) => { step.process(); return { Date: step.Date, Buffer: 1 }; };`;
  expect(complaints({ 'src/protocols/a.ts': text })).toEqual([]);
});

test('what is allowed is allowed', () => {
  expect(
    complaints({
      'src/protocols/paxos/a.ts': `import { b } from '../../core/b.js'; import './c.js';`,
      'src/sim/a.ts': `import '../runtime/b.js'; import '../protocols/registry.js';`,
      'src/commands/get.ts': `import '../client/a.js'; import type { Config } from '@oclif/core';`,
      'src/protocols/testing/a.ts': `import fc from 'fast-check';`,
      'src/protocols/a.test.ts': `import '../sim/a.js'; await Promise.resolve(Date.now());`,
    }),
  ).toEqual([]);
});

test.each([`export * from './a.js';`, `import type { A } from './a.js';`])(
  'import cycles are found: %s',
  (text) => {
    expect(complaints({ 'src/bench/a.ts': `import './b.js';`, 'src/bench/b.ts': text })).toEqual([
      'src/bench/a.ts:1: import cycle: src/bench/a.ts > src/bench/b.ts > src/bench/a.ts',
    ]);
  },
);

test('squares and powers of two are the same everywhere', () => {
  const text = 'export const a = (x: number) => x ** 2 + 2 ** x;';
  expect(complaints({ 'src/sim/a.ts': text })).toEqual([]);
});
