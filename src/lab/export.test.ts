import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attempt, programOf } from '../shrink/attempt.js';
import { lanesOf } from '../trace/lanes.js';
import { LanesBuilder } from '../trace/lanes-builder.js';
import { diagramSvg } from './diagram-svg.js';
import { exportedOf, scenarioFile, shivizLog, vitestFile } from './export.js';
import { recorded } from './testing/recorded.js';

const bug = 'quorum-no-overlap';
const text = readFileSync(join(import.meta.dirname, `../../scenarios/zoo/${bug}.kvx`), 'utf8');
const key = { scenario: text, seed: 1, bug };
const afterPromises = setImmediate;

test('a scenario of the zoo is exported as it stands there', () => {
  const sentence = /^# (.*)/.exec(text)?.[1] ?? '';
  expect(scenarioFile(key, sentence, `scenarios/zoo/${bug}.kvx`)).toBe(text);
});

test('what shows nothing wrong has no sentence, and says how it is run', () => {
  const run = { scenario: '# The title\nput a 1', seed: 7, bug: null };
  const file = '# The title\nput a 1\n# kvx run FILE --runtime sim --seed 7\n';
  expect(scenarioFile(run, null)).toBe(file);
  expect(scenarioFile({ ...run, scenario: file }, null)).toBe(file);
  expect(scenarioFile(run, 'seen: 2\nand more')).toBe(`# seen: 2\n${file}`);
});

test('what was wrong with a run is expected of its export, which fails alike', async () => {
  const lines = ['put x 1 --level all', 'fault isolate n1', 'put x 2 --node n1', 'get x --node n2'];
  const scenario = ['cluster up --mode quorum -n 3 --read one --write one', ...lines, ''].join(
    '\n',
  );
  const run = await recorded({ scenario, seed: 1, bug: null });
  const exported = exportedOf(run.key, run);
  expect(run.failure).toBe(null);
  expect(exported.key.scenario).toMatch(/\nexpect history [a-z-]+\n$/);
  const again = await recorded(exported.key);
  expect(again.failure).toBe(exported.sentence);
  expect(exportedOf(again.key, again)).toEqual({ key: again.key, sentence: again.failure });
  const meant = await recorded({
    ...run.key,
    scenario: `${scenario}expect get x --node n2 == 1\n`,
  });
  expect(meant.falls.length).toBeGreaterThan(0);
  expect(exportedOf(meant.key, meant)).toEqual({ key: meant.key, sentence: null });
});

test('nothing is expected of a run with which nothing is wrong, or of which nothing is known', async () => {
  const scenario = 'cluster up --mode quorum -n 3\nput x 1\nget x\n';
  const run = await recorded({ scenario, seed: 1, bug: null });
  expect(exportedOf(run.key, run)).toEqual({ key: run.key, sentence: null });
  expect(exportedOf(run.key, null)).toEqual({ key: run.key, sentence: null });
});

test('a Vitest file runs the scenario beside it under its seed, with its bug', () => {
  const file = vitestFile(key, 'violated: it "was" not', bug);
  expect(file).toContain(`["run","${bug}.kvx","--runtime","sim","--seed","1","--bug","${bug}"]`);
  expect(file).toContain(String.raw`test("violated: it \"was\" not"`);
});

test('a log for ShiViz has all events of the run, each with a clock', async () => {
  const events: unknown[] = [];
  const sink = (event: unknown) => events.push(event);
  await attempt(programOf(text) as never, { seed: 1, bug, afterPromises, sink });
  const log = (await shivizLog(key, afterPromises)) ?? '';
  expect(log.match(/^\S+ \{"n?\w+":.*\}$/gm)).toHaveLength(events.length);
  expect(await shivizLog({ ...key, scenario: 'put' }, afterPromises)).toBe(null);
});

test('a picture has the lanes, the messages of its part, and lost ones cut short', async () => {
  const builder = new LanesBuilder();
  const sink = (event: Parameters<LanesBuilder['add']>[0]) => builder.add(event);
  await attempt(programOf(text) as never, { seed: 1, bug, afterPromises, sink });
  const lanes = lanesOf(builder.end());
  const whole = { fromMs: 0, toMs: lanes.durationMs, slice: null, title: 'a < b & "c"' };
  const svg = diagramSvg(lanes, whole);
  expect(svg).toMatch(/^<svg [^>]*>\n<title>a &lt; b &amp; &quot;c&quot;<\/title>/);
  for (const name of lanes.names) expect(svg).toContain(`>${name}</text>`);
  const arrows = (picture: string) => picture.match(/<g stroke/g)?.length ?? 0;
  expect(arrows(svg)).toBe(lanes.messages.count);
  expect(svg).toContain('stroke-dasharray="4 3"');
  const [sent, taken] = [lanes.messages.sent[0] as number, lanes.messages.delivered[0] as number];
  expect(arrows(diagramSvg(lanes, { ...whole, slice: [sent, taken] }))).toBe(1);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});
