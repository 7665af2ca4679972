/** What `help TOPIC` says where no command is meant, a screen each: made from the tables that commands, modes and checkers are made from. */
import { modelNames, models } from '../check/models.js';
import { errorCodes, KvxError } from '../core/errors.js';
import { nemesisSummaries } from '../faults/nemeses.js';
import { keyKinds } from '../history/history.js';
import { disturbances } from '../operations/table.js';
import { catalog, type ModeProfile } from '../protocols/catalog.js';
import { exitCodeOf, exitCodes } from '../render/failure.js';
import { twoColumns, wrap } from '../render/wrap.js';
import { structures } from './structures.js';

/** A paragraph, or rows of what is named and what that is. */
type Part = string | readonly (readonly [name: string, is: string])[];

interface HelpTopic {
  readonly about: string;
  readonly parts: () => readonly Part[];
}

const modes = Object.values(catalog);

export const exitMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  yes: 'yes, done',
  no: 'no: key not found, precondition failed, transaction aborted, replicas differ, a model violated, an expectation failed',
  unknown: 'unknown: it may or may not have happened',
  unavailable: 'unavailable: it surely did not happen',
  usage: 'usage: bad flag, argument or config file',
  bug: 'a bug in kvx',
  interrupted: 'interrupted, by Ctrl-C, SIGTERM or SIGHUP',
};

const topics: Readonly<Record<string, HelpTopic>> = {
  modes: {
    about: 'how nodes replicate, what that promises, and what gives way',
    parts: () => [
      '`kvx cluster up --mode NAME`; a file such as ./mine.js is a mode of your own. `kvx compare` puts the same load and faults on several. Options: `kvx cluster up -h`.',
      ...modes.map(({ name, summary, promises, givesWay }): Part => {
        const held = promises.map(({ when, holds }) => ['promises', `${holds} (${when})`] as const);
        return [[name, summary], ...held, ['gives way', givesWay]];
      }),
    ],
  },
  levels: {
    about: 'how many replicas an operation asks, and what reads then are',
    parts: () => [
      '`--level LEVEL` of get, put and the others; unless said, as the mode or `cluster up --read --write` has it. A level that the mode lacks is refused.',
      modes.map((mode) => [mode.name, levelsOf(mode)] as const),
    ],
  },
  faults: {
    about: 'what can be broken on purpose, and by whom',
    parts: () => [
      'Each is a command (`kvx fault cut -h`) and a line of scripts; `kvx fault list` shows what is on, `kvx fault heal` takes it away.',
      disturbances.map(({ name, summary }) => [name, summary] as const),
      'Nemeses break and mend by chance: `kvx fault nemesis NAME`, `kvx bench --nemesis NAME`, `kvx sim --nemesis NAME`.',
      nemesisSummaries,
    ],
  },
  models: {
    about: 'which consistency a history may have',
    parts: () => [
      '`kvx check HISTORY` says which of them hold; `--model NAME` judges by one.',
      modelNames.map((name) => [name, models[name].promise] as const),
    ],
  },
  scenarios: {
    about: 'scripts: how they are run, and what shapes them',
    parts: () => [
      '`kvx run FILE` runs a script on a cluster of its own, `--runtime sim --seed 7` on virtual time, `--seeds 1..100` under many; `kvx run --list` shows those that come with kvx. One command a line, in the words of the command line; # begins a comment.',
      structures.map(({ usage, summary }) => [usage, summary] as const),
    ],
  },
  histories: {
    about: 'what clients asked and were told, as `kvx check` reads it',
    parts: () => [
      '`kvx bench --history FILE`, `kvx run --history FILE` and `kvx record` write one; `kvx check FILE` judges it, also those of Jepsen and Knossos. One JSON object a line, in the order of time:',
      [
        ['process', 'a whole number, with one operation open at a time'],
        ['type', 'invoke; then ok: done; fail: surely not done; info: nobody knows'],
        ['f', keyKinds.join(', ')],
        ['key', 'of all but txn'],
        ['value', 'what is written, or of an ok get what was read; of cas [old, new]'],
        ['time', 'whole nanoseconds, never less than in the line before'],
        ['actual', 'what an insert, update or cas that failed has found'],
        ['session', 'whose it was: what read your writes and the like are about'],
      ],
    ],
  },
  'exit-codes': {
    about: 'what a command ended with, and what errors are called',
    parts: () => [
      'Results go to standard output, everything else to standard error; with --json an error is a document, too.',
      Object.entries(exitCodes).map(([name, number]) => {
        return [`${number}`, exitMeanings[name as keyof typeof exitCodes]] as const;
      }),
      'Errors, as --json and `expect fails CODE` name them, and their exit codes:',
      errorCodes.map((code) => [code, exitsOf(code)] as const),
    ],
  },
};

function levelsOf({ levels, numberLevels, defaultLevels, consistency }: ModeProfile): string {
  const { read, write } = defaultLevels;
  const all = [...levels, ...(numberLevels ? ['a number of replicas'] : [])].join(', ');
  const are =
    consistency === null
      ? 'what reads are, R+W>N decides'
      : Object.entries(consistency).map(([level, holds]) => `reads at ${level} are ${holds}`);
  return `${all}; unless said reads ${read}, writes ${write}; ${[are].flat().join(', ')}`;
}

function exitsOf(code: (typeof errorCodes)[number]): string {
  const [surely, perhaps] = [true, false].map((definite) =>
    exitCodeOf(new KvxError('', { code, definite })),
  );
  return surely === perhaps
    ? `${surely}`
    : `${surely} if it surely did not happen, else ${perhaps}`;
}

export const topicNames = Object.keys(topics);

/** In a list of what help there is; `before` stands in front of each name. */
export const topicRows = (before = ''): (readonly [name: string, about: string])[] =>
  Object.entries(topics).map(([name, { about }]) => [before + name, about]);

/** What makes its page for an output of this width; `null`: there is no such topic. */
export function topicNamed(name: string): ((width: number) => string) | null {
  const topic = Object.hasOwn(topics, name) ? topics[name] : undefined;
  if (topic === undefined) return null;
  return (width) =>
    topic
      .parts()
      .map((part) => lay(part, width))
      .join('\n');
}

const lay = (part: Part, width: number): string =>
  typeof part === 'string' ? `${wrap(part, width).join('\n')}\n` : twoColumns(part, width);
