/**
 * Ten million inputs for the parsers of what users and other tools write, and the bombs among them: each is taken, or
 * refused with exit code 64, in bounded time and memory. `KVX_INPUTS` says how many altogether, `KVX_SEED` which:
 * `KVX_INPUTS=100000 KVX_SEED=7 npx vitest run --config test/soak/vitest.config.ts parser-fuzz`.
 */
import { describe, expect, it } from 'vitest';
import { readHistory } from '../../src/history/files/read-file.js';
import { hostileInputs } from '../../src/history/testing/hostile.js';
import { bombs } from '../fuzz/bombs.js';
import { type ParserUnderTest, runCampaign } from '../fuzz/campaign.js';
import { parsers } from '../fuzz/parsers.js';
import { readers } from '../fuzz/readers.js';

const inputs = Number(process.env['KVX_INPUTS'] ?? 10_000_000);
const seed = Number(process.env['KVX_SEED'] ?? 1);
/** Far more than any takes, also on a busy machine. */
const oneMsMax = 30_000;
const heapGrowthBytesMax = 64 * 1024 ** 2;
const residentBytesMax = 1024 ** 3;

const all: readonly ParserUnderTest[] = [...parsers, ...readers];
const shares = all.reduce((sum, { share }) => sum + share, 0);

describe(`seed ${seed}`, () => {
  it.each(all)('$name', async (parser) => {
    const count = Math.ceil((inputs * parser.share) / shares);
    const report = await runCampaign(parser, seed, count);
    console.log(JSON.stringify(report));
    expect(report.fault).toBe(null);
    expect(report.slowestMs).toBeLessThan(oneMsMax);
    expect(report.heapGrowthBytes).toBeLessThan(heapGrowthBytesMax);
    expect(report.residentBytes).toBeLessThan(residentBytesMax);
  });
});

it.each(bombs)('$name', ({ parser: name, text, says }) => {
  const parser = parsers.find((each) => each.name === name);
  const bomb = text();
  const began = performance.now();
  expect(() => parser?.parse(bomb)).toThrow(says);
  expect(performance.now() - began).toBeLessThan(oneMsMax);
  expect(process.memoryUsage.rss()).toBeLessThan(residentBytesMax);
});

describe('three million', () => {
  it.each(hostileInputs(3_000_000))('%s', async (_, text, message) => {
    const began = performance.now();
    const reading = readHistory([Buffer.from(text)], { name: 'h' });
    // What is larger than a line may be is refused for that.
    const refusal = await reading.then(
      ({ count }) => count,
      (error: Error) => error.message,
    );
    if (message !== null) expect(typeof refusal).toBe('string');
    expect(performance.now() - began).toBeLessThan(2 * oneMsMax);
    expect(process.memoryUsage.rss()).toBeLessThan(3 * residentBytesMax);
  });
});
