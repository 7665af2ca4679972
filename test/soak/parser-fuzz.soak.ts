/**
 * Ten million inputs for the parsers of what users write, and the bombs among them: each is taken or refused, in bounded
 * time and memory. `KVX_INPUTS=100000 KVX_SEED=7 npx vitest run --config test/soak/vitest.config.ts parser-fuzz`.
 */
import { expect, it } from 'vitest';
import { perform } from '../../src/coursework/testing/context.js';
import { dialectNames } from '../../src/coursework/words.js';
import { SimTarget } from '../../src/targets/sim.js';
import { corpusOf } from '../coursework/corpus.js';
import { bombs } from '../fuzz/bombs.js';
import { faultOf } from '../fuzz/judge.js';
import { Mutator } from '../fuzz/mutate.js';
import { parsers } from '../fuzz/parsers.js';

const inputs = Number(process.env['KVX_INPUTS'] ?? 10_000_000);
const seed = Number(process.env['KVX_SEED'] ?? 1);
/** Far more than any takes, also on a busy machine. */
const oneMsMax = 30_000;
const residentBytesMax = 1024 ** 3;
const turnEvery = 10_000;

it.each(parsers)('$name', async (parser) => {
  const mutator = new Mutator(seed, parser.corpus);
  const began = performance.now();
  const count = Math.ceil(inputs / parsers.length);
  let slowestMs = 0;
  for (let nth = 0; nth < count; nth++) {
    const text = mutator.next();
    const before = performance.now();
    const fault = faultOf(parser, text);
    slowestMs = Math.max(slowestMs, performance.now() - before);
    if (fault !== null) expect({ nth, text, fault }).toEqual({ nth, text, fault: null });
    // For promises that parsers leave behind.
    if (nth % turnEvery === 0) await new Promise(setImmediate);
  }
  const { rss } = process.memoryUsage();
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log({ parser: parser.name, count, seconds, slowestMs: Math.round(slowestMs), rss });
  expect(slowestMs).toBeLessThan(oneMsMax);
  expect(rss).toBeLessThan(residentBytesMax);
});

it.each(bombs)('$name', ({ parser: name, text, says }) => {
  const parser = parsers.find((each) => each.name === name);
  const bomb = text();
  const began = performance.now();
  expect(() => parser?.parse(bomb)).toThrow(says);
  expect(performance.now() - began).toBeLessThan(oneMsMax);
  expect(process.memoryUsage().rss).toBeLessThan(residentBytesMax);
});

/** They are not only parsed: their lines run one by one, on a simulated cluster. */
it.each(dialectNames)('scripts in the words of %s', async (name) => {
  const mutator = new Mutator(
    seed,
    corpusOf(name).map(({ text }) => text),
  );
  for (let nth = 0; nth < Math.ceil(inputs / 2000); nth++) {
    const script = mutator.next().slice(0, 2000);
    const { errors } = await perform(name, script, new SimTarget({ seed: nth }));
    const wrong = errors.filter((line) => line.length > 1000 || !/^script:\d+: /.test(line));
    expect({ nth, script, wrong }).toEqual({ nth, script, wrong: [] });
  }
});
