/** The words of the scenario language: the operations that scripts have, and what shapes a script. */

import { show } from '../core/show.js';
import { didYouMean } from '../core/suggest.js';
import { argument } from '../operations/flags.js';
import { briefOf, type OperationEntry, operation, usageOf } from '../operations/operation.js';
import { operations } from '../operations/table.js';
import { twoColumns } from '../render/wrap.js';
import { topicNamed, topicNames, topicRows } from './help-topics.js';
import { structures } from './structures.js';

export interface ScriptCommand extends OperationEntry {
  /** Another word for the command of that name: understood, but not shown. */
  readonly standsFor?: string;
}

const help = operation<readonly string[]>({
  name: 'help',
  summary: 'This, one command with its flags, or a topic such as `modes`.',
  examples: ['help put', 'help modes'],
  arguments: [argument('COMMAND', 'words', 'which; or a topic', { rest: true, optional: true })],
  on: 'nothing',
  run: async ({ given }) => given.texts('COMMAND'),
  json: (topic) => ({ text: helpOn(topic, 80) }),
  page: (topic, { width }) => [{ type: 'bytes', bytes: helpOn(topic, width) }],
});

const ownCommands: readonly ScriptCommand[] = [
  ...operations
    .filter(({ only }) => only !== 'command line')
    .map((spec) => ({
      ...spec,
      // A script has no standard input.
      arguments: spec.arguments.map((argument) => ({ ...argument, orInput: false })),
      flags: spec.flags.filter(({ commandLineOnly }) => !commandLineOnly),
    })),
  help,
];

/** What the clients of two assignments say for the same things (docs/coursework.md); and what is said for short. */
const otherWords = {
  ...{ GET: 'get', PUT: 'put', DELETE: 'delete', set: 'put', db: 'dump' },
  nemesis: 'fault nemesis',
} as const;

export const scriptCommands: readonly ScriptCommand[] = [
  ...ownCommands,
  ...Object.entries(otherWords).flatMap(([name, standsFor]) =>
    ownCommands
      .filter((command) => command.name === standsFor)
      .map((command) => ({ ...command, name, standsFor })),
  ),
];

export function commandNamed(name: string): ScriptCommand | undefined {
  return scriptCommands.find((command) => command.name === name);
}

/** What a script may not say while no cluster is up. */
export const needsCluster = ({ on }: ScriptCommand): boolean =>
  on !== 'nothing' && on !== 'a cluster to be';

/** Of the command or the topic that these words name; without any, of all. */
export function helpOn(topic: readonly string[], width: number): string {
  if (topic.length === 0) return overview(width);
  const name = topic.join(' ');
  const exact = scriptCommands.filter((command) => command.name === name);
  const found =
    exact.length > 0 ? exact : scriptCommands.filter((each) => each.name.startsWith(`${name} `));
  const [only] = found;
  if (found.length === 1 && only !== undefined) return details(only, width);
  if (found.length > 1) return twoColumns(found.map(rowOf), width);
  const structure = structures.find((each) => each.name === name);
  if (structure !== undefined) return twoColumns([[structure.usage, structure.summary]], width);
  const page = topicNamed(name);
  if (page !== null) return page(width);
  const known = [...[...scriptCommands, ...structures].map((each) => each.name), ...topicNames];
  const question = didYouMean(name, known).replace(/^,/, ';');
  return `there is no command ${show(name)}${question}\n`;
}

const rowOf = (command: ScriptCommand) => [usageOf(command), briefOf(command)] as const;

function overview(width: number): string {
  const rows = [
    ...scriptCommands.filter(({ standsFor }) => standsFor === undefined).map(rowOf),
    ...structures.map(({ usage, summary }) => [usage, summary] as const),
    ['exit', 'leave; so does Ctrl-D'] as const,
    ...topicRows('help '),
  ];
  return twoColumns(rows, width);
}

function details(command: ScriptCommand, width: number): string {
  const usage = twoColumns([rowOf(command)], width);
  if (command.flags.length === 0) return usage;
  const flags = command.flags.map((flag) => {
    const { name, char, kind, helpValue, description } = flag;
    const value = kind === 'switch' ? '' : ` ${helpValue ?? kind.toUpperCase()}`;
    return [`--${name}${char === undefined ? '' : `, -${char}`}${value}`, description] as const;
  });
  return usage + twoColumns(flags, width);
}
