/** A few inputs for each parser every day; ten million in `test/soak/parser-fuzz.soak.ts`. */
import { expect, it } from 'vitest';
import { bombs } from './bombs.js';
import { type ParserUnderTest, refusalProblem, runCampaign } from './campaign.js';
import { parsers } from './parsers.js';
import { readers } from './readers.js';

const count = Number(process.env['KVX_INPUTS'] ?? 200);
const seed = Number(process.env['KVX_SEED'] ?? 1);

it.each([...parsers, ...readers])('$name: taken or refused', async (parser) => {
  const { fault, taken, refused } = await runCampaign(parser, seed, count);
  expect(fault).toBe(null);
  // Neither what is always refused nor what is always taken shows much.
  if (!parser.takesAll) expect(Math.min(taken, refused)).toBeGreaterThan(count / 50);
});

it('what goes wrong is found, and shown as small as it can be', async () => {
  const [parser] = parsers;
  const parse = (text: string): void => {
    if (/mode.*nodes/s.test(text)) throw new TypeError('planted');
  };
  const broken = { ...(parser as ParserUnderTest), parse };
  const { fault } = await runCampaign(broken, seed, 1000);
  expect(fault).toMatchObject({ seed, input: 'modenodes' });
  expect(fault?.fault).toMatch(/^threw TypeError: planted/);
});

/** The others take their time, if not long; the soak has them. */
const smallBombs = bombs.filter(({ text }) => text().length < 20_000);

it.each(smallBombs)('$name is refused', ({ parser: name, text, says }) => {
  const parser = parsers.find((each) => each.name === name);
  let refusal: unknown = null;
  try {
    parser?.parse(text());
  } catch (error) {
    refusal = error;
  }
  expect(refusalProblem(refusal)).toBe(null);
  expect((refusal as Error).message).toMatch(says);
});
