import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bugs } from '../zoo/bugs.js';
import { type Compressor, fragmentOf, openFragment } from './share.js';

const deflate = promisify(deflateRaw);
const inflate = promisify<Uint8Array, object, Buffer>(inflateRaw);

const zlib: Compressor = {
  deflate: (bytes) => deflate(bytes),
  inflate: (bytes, bytesMax) => inflate(bytes, { maxOutputLength: bytesMax + 1 }),
};

const root = join(import.meta.dirname, '../../scenarios');
const files = ['', 'zoo'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.kvx'))
    .map((file) => join(folder, file)),
);

test.each(files)('a link to %s has at most 2 KB, and opens as what was shared', async (file) => {
  const bug = bugs.find(({ name }) => file.endsWith(`${name}.kvx`))?.name ?? null;
  const key = { scenario: readFileSync(join(root, file), 'utf8'), seed: 987_654_321, bug };
  const fragment = await fragmentOf(key, '0123456789ab', zlib);
  expect(fragment.length).toBeLessThanOrEqual(2048);
  expect(fragment).toMatch(/^#1\.0123456789ab\.[\w-]+$/);
  const opened = await openFragment(fragment, '0123456789ab', zlib);
  expect(opened).toEqual({ type: 'run', key, isOfOtherCode: false });
});

test('ten decisions more are still a short link', async () => {
  const file = join(root, 'zoo/paxos-any-accepted-value.kvx');
  const lines = Array.from(
    { length: 10 },
    (_, n) => `at ${n * 7.31}ms fault drop "n1>n2" --nth ${n}`,
  );
  const scenario = `${readFileSync(file, 'utf8')}${lines.join('\n')}`;
  const fragment = await fragmentOf({ scenario, seed: 1, bug: null }, 'abc', zlib);
  expect(fragment.length).toBeLessThanOrEqual(2048);
});

test('a link of other code opens, and says so', async () => {
  const key = { scenario: 'cluster up --mode gossip -n 3\nput ключ 1\n', seed: 0, bug: null };
  const opened = await openFragment(await fragmentOf(key, 'aaa', zlib), 'bbb', zlib);
  expect(opened).toEqual({ type: 'run', key, isOfOtherCode: true });
});

test('no fragment is no link', async () => {
  expect(await openFragment('', 'abc', zlib)).toBe(null);
  expect(await openFragment('#', 'abc', zlib)).toBe(null);
});

const of = async (text: string) => {
  const data = Buffer.from(await zlib.deflate(Buffer.from(text))).toString('base64url');
  return openFragment(`#1.abc.${data}`, 'abc', zlib);
};
const problem = (message: RegExp) => ({
  type: 'problem',
  message: expect.stringMatching(message),
});

test.each([
  ['#hello', /not one of the laboratory/],
  ['#1.abc.AA.AA', /not one of the laboratory/],
  ['#1.<b>.AA', /not one of the laboratory/],
  ['#2.abc.AA', /another version/],
  ['#1.abc.A', /damaged/],
  ['#1.abc.A+A/', /damaged/],
  ['#1.abc.____', /damaged/],
  [`#1.abc.${'A'.repeat(70_000)}`, /too long/],
])('%.20s is refused in a sentence', async (fragment, message) => {
  expect(await openFragment(fragment, 'abc', zlib)).toEqual(problem(message));
});

test('what a link holds is looked at before it is believed', async () => {
  expect(await of('1 no-such-bug\nput a 1')).toEqual(
    problem(/a bug that .* not have: no-such-bug/),
  );
  expect(await of('x \nput a 1')).toEqual(problem(/no run/));
  expect(await of('9999999999999999 \nput a 1')).toEqual(problem(/no run/));
  expect(await of('put a 1')).toEqual(problem(/no run/));
  // A few bytes that would become many.
  expect(await of(`1 \n${' '.repeat(10_000_000)}`)).toEqual(problem(/damaged|too long/));
});

test('nothing that stands in an address is thrown at whoever opens it', async () => {
  const anything = fc.oneof(
    fc.string(),
    fc.base64String().map((data) => `#1.abc.${data.replaceAll('=', '')}`),
  );
  await fc.assert(
    fc.asyncProperty(anything, async (fragment) => {
      const opened = await openFragment(fragment, 'abc', zlib);
      expect(opened?.type ?? 'problem').toBe('problem');
    }),
  );
});
