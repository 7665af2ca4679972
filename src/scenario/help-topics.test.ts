import { expect, it } from 'vitest';
import { modelNames } from '../check/models.js';
import { errorCodes } from '../core/errors.js';
import { nemesisNames } from '../faults/nemeses.js';
import { disturbances } from '../operations/table.js';
import { modeNames } from '../protocols/catalog.js';
import { exitCodes } from '../render/failure.js';
import { commandNamed, helpOn } from './command-table.js';
import { topicNames } from './help-topics.js';
import { structures } from './structures.js';

/** What stands first in a line. */
const named = (topic: string) =>
  new Set(
    helpOn([topic], 100)
      .split('\n')
      .map((line) => /^(?: {2})?(\S+(?: \S+)*?)(?: {2}|:|$)/.exec(line)?.[1]),
  );

it.each([
  ['modes', modeNames],
  ['levels', modeNames],
  ['faults', [...disturbances.map(({ name }) => name), ...nemesisNames]],
  ['models', modelNames],
  ['scenarios', structures.map(({ usage }) => usage)],
  ['histories', ['process', 'type', 'f', 'key', 'value', 'time']],
  ['exit-codes', [...Object.values(exitCodes).map(String), ...errorCodes]],
])('help %s names all there are', (topic, all: readonly string[]) => {
  const found = named(topic);
  expect(all.filter((name) => !found.has(name))).toEqual([]);
});

it.each(topicNames)('help %s is a screen of any width, and hides no command', (topic) => {
  expect(commandNamed(topic)).toBeUndefined();
  for (const width of [60, 80, 200]) {
    const lines = helpOn([topic], width).split('\n');
    expect(lines.filter((line) => line.length > width)).toEqual([]);
    expect(lines.length).toBeLessThan(width === 60 ? 120 : 70);
  }
});

it('of topics too it knows what is meant', () => {
  expect(helpOn(['scenarois'], 80)).toBe(
    'there is no command "scenarois"; did you mean scenarios?\n',
  );
  expect(helpOn([], 80)).toMatch(/^ {2}help exit-codes +\S/m);
});
