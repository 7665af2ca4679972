/** Runs after all others: what of the schemas no document of theirs was like. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allMet } from './documents.js';
import { allPoints } from './points.js';

const root = join(import.meta.dirname, '../..');
/** Those whose commands print most of what there is. */
const sources = readdirSync(join(root, 'test/e2e'))
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => `test/e2e/${file}`)
  .filter((file) => /'--json'|\.json\(\[/.test(readFileSync(join(root, file), 'utf8')));

const met = allMet();
const isWhole = sources.every((file) => met.has(`from ${file}`));

/** Real, and too rare or too dear for a test: the beginnings of their places. */
const seldom = [
  // No option of a mode of ours is a switch, and few levels are numbers.
  'cluster-config:1#/anyOf/0/additionalProperties/anyOf/2',
  'common:1#/$defs/level/anyOf/1',
  // Histories of others, and with --initial.
  'common:1#/$defs/faultSpan/properties/by is null',
  'common:1#/$defs/checkReport/properties/initial/properties/given',
  'common:1#/$defs/promised/properties/why is string',
  'common:1#/$defs/violation/properties/key is null',
  'common:1#/$defs/drawnFault/properties/kind is null',
  // Comparisons in which something goes wrong, or whose time is short.
  'compare:1#/anyOf/0/properties/plan/properties/operationsMax is null',
  'compare:1#/anyOf/0/properties/compared/items/properties/',
  // Effects that are over before anybody asks, and what a test of its own machine may not have.
  'common:1#/$defs/activeFault/properties/effect/anyOf/3',
  'completion:1#/anyOf/1/properties/shell = "zsh"',
  // Where too much is open to decide.
  'grade:1#/$defs/script/anyOf/2/properties/verdict = "undecided"',
  // Searches that end otherwise.
  'explore:1#/anyOf/0/properties/end/anyOf/',
  // It is served until somebody stops it.
  'lab:1#/anyOf/1',
  // Without a terminal it is `run`, and no test asks it for JSON.
  'shell:1#/anyOf/0',
  // Recordings of what is not known, and on a full disk.
  'record:1#/anyOf/0/properties/notJudged/items/properties/key is null',
  'record:1#/anyOf/0/properties/historyFailure is string',
  'run:1#/anyOf/1/properties/client',
  'run:1#/anyOf/3/properties/client',
  // What seeds draw, and modes that keep to nothing.
  'sim:1#/anyOf/0/properties/modes/items/properties/driftingSeed',
  'sim:1#/anyOf/1/properties/violations/items',
  'sim:1#/anyOf/1/properties/drawn/properties/',
  'sim:1#/anyOf/2/properties/bugs/items/properties/',
  'trace:1#/anyOf/0/properties/data/anyOf/1/properties/why is null',
  'trace:1#/anyOf/0/properties/data/anyOf/11/properties/client is string',
  'trace:1#/anyOf/0/properties/data/anyOf/16',
];

/** What chance and a busy machine may leave out besides. */
const missedMax = 12;

// Of some of the tests nothing follows.
test.skipIf(!isWhole)('each property, alternative and word of the schemas is met', () => {
  const missed = allPoints()
    .filter((point) => !met.has(point))
    .map((point) => point.replace('urn:kvx:schema:', ''))
    .filter((point) => !seldom.some((place) => point.startsWith(place)));
  expect(missed.length, missed.join('\n')).toBeLessThanOrEqual(missedMax);
});

test('what is seldom met is there', () => {
  const all = allPoints().map((point) => point.replace('urn:kvx:schema:', ''));
  expect(seldom.filter((place) => !all.some((point) => point.startsWith(place)))).toEqual([]);
});
