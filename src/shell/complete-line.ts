import type { NodeId } from '../core/ids.js';
import { nemesisSummaries } from '../faults/nemeses.js';
import { type FlagSpec, isBare } from '../operations/flags.js';
import { type ScriptCommand, scriptCommands, structures } from '../scenario/command-table.js';

/** What there is to choose from at present. */
export interface Surroundings {
  readonly nodes: readonly NodeId[];
  /** Clients and sessions that have a name. */
  readonly clients: readonly string[];
  /** Levels that the cluster's mode has. */
  readonly levels: readonly string[];
  keys(): Promise<readonly string[]>;
}

/** What may come next in a line of the kvx language, from its command table. */
export async function completeLine(
  beforeCursor: string,
  around: Surroundings,
): Promise<Completion> {
  const all = beforeCursor.trimStart().split(/\s+/);
  const typed = all.pop() ?? '';
  const found = (words: Iterable<string>): Completion => ({ words: [...words], typed });
  if (all[0] === 'help') return found(namesAfter(all.slice(1)));
  if (all[0] === 'client') return all[2] === 'at' ? listItem(typed, around.nodes) : found(['at']);
  const { words, isExpected } = withoutPrefix(all);
  if (words.length === 0) {
    const structural = all.length === 0 ? [...structures.map(({ name }) => name), 'exit'] : [];
    return found([...namesAfter([]), ...structural]);
  }
  const command = commandOf(words);
  if (command === undefined) return found(namesAfter(words));
  const given = words.slice(command.name.split(' ').length);
  return completeCommand(command, { given, typed, isExpected }, around);
}

/** The words of names that go on from these. */
function namesAfter(words: readonly string[]): string[] {
  const names = scriptCommands
    .filter(({ standsFor }) => standsFor === undefined)
    .map(({ name }) => name.split(' '));
  const fitting = names.filter((name) => words.every((word, at) => name[at] === word));
  return fitting.flatMap((name) => name[words.length] ?? []);
}

function commandOf(words: readonly string[]): ScriptCommand | undefined {
  const fits = ({ name }: ScriptCommand): boolean =>
    name.split(' ').every((word, at) => words[at] === word);
  return scriptCommands.find(fits);
}

/** Without `expect within 5s` or `repeat 10`: what follows is a command. */
function withoutPrefix(all: readonly string[]): {
  readonly words: readonly string[];
  readonly isExpected: boolean;
} {
  let words = all;
  let isExpected = false;
  for (;;) {
    if (words[0] === 'expect') {
      isExpected = true;
      words = words.slice(1);
    } else if ((isExpected && words[0] === 'within') || words[0] === 'repeat') {
      if (words.length < 2) return { words: [], isExpected };
      words = words.slice(2);
    } else if (words[0] === 'try' || (isExpected && words[0] === 'fails')) {
      words = words.slice(1);
    } else return { words, isExpected };
  }
}

interface Typing {
  /** Whole words after the command's name. */
  readonly given: readonly string[];
  readonly typed: string;
  readonly isExpected: boolean;
}

async function completeCommand(
  { arguments: args, flags, judged = [] }: ScriptCommand,
  { given, typed, isExpected }: Typing,
  around: Surroundings,
): Promise<Completion> {
  const { positionals, awaited, used } = readWords(given, typed, flags);
  const found = (words: Iterable<string>): Completion => ({ words: [...words], typed });
  if (awaited !== null) return found(valuesOf(awaited, around));
  if (typed.startsWith('-')) {
    const left = flags.filter(({ name, multiple }) => multiple || !used.has(name));
    return found(left.map(({ name }) => `--${name}`));
  }
  const last = args[args.length - 1];
  const argument = args[positionals] ?? (last?.rest ? last : undefined);
  switch (argument?.kind) {
    case 'key':
      return found(await around.keys());
    case 'node':
      return found(around.nodes);
    case 'end':
      return found([...around.nodes, ...around.clients]);
    case 'link': {
      const begun = typed.replace(/[^>-]*$/, '');
      return { words: [...around.nodes, ...around.clients].map((end) => begun + end), typed };
    }
    case 'groups':
      return listItem(typed, around.nodes);
    case 'nemesis':
      return found(nemesisSummaries.map(([name]) => name));
    case undefined:
      return isExpected ? found([...judged, 'ok']) : nothingToComplete;
    default:
      return found(argument?.options ?? []);
  }
}

/** How many arguments stand there, which flag waits for its value, which flags were given. */
function readWords(given: readonly string[], typed: string, flags: readonly FlagSpec[]) {
  let positionals = 0;
  let awaited: FlagSpec | null = null;
  const used = new Set<string>();
  for (const word of given) {
    const flag = flags.find(({ name, char }) => word === `--${name}` || word === `-${char}`);
    const isValue = awaited !== null && !isBare(awaited, word);
    awaited = null;
    if (isValue) continue;
    if (flag !== undefined) {
      used.add(flag.name);
      if (flag.kind !== 'switch') awaited = flag;
    } else if (!word.startsWith('--')) positionals++;
  }
  if (awaited !== null && typed !== '' && isBare(awaited, typed)) awaited = null;
  return { positionals, awaited, used };
}

function valuesOf({ kind }: FlagSpec, { nodes, clients, levels }: Surroundings): readonly string[] {
  if (kind === 'node') return nodes;
  if (kind === 'level') return levels;
  return kind === 'session' ? clients : [];
}

/** One more of `n1,n2/n3`. */
function listItem(typed: string, nodes: readonly NodeId[]): Completion {
  const begun = typed.replace(/[^,/]*$/, '');
  const named = begun.split(/[,/]/);
  const left = nodes.filter((node) => !named.includes(node));
  return { words: left.map((node) => begun + node), typed };
}
/** What may follow what is typed: whole words, and the part of one that is there already. */
export interface Completion {
  readonly words: readonly string[];
  readonly typed: string;
}

export const nothingToComplete: Completion = { words: [], typed: '' };

/** More than fit on a screen help nobody. */
const shownMax = 60;

/**
 * Candidates in the form that readline wants. A single one is finished with a blank. Of too many, either the beginning
 * that they share is typed, or the first of them are shown.
 */
export function candidatesOf({ words, typed }: Completion): [string[], string] {
  const matching = [...new Set(words)].filter((word) => word.startsWith(typed)).sort();
  if (matching.length === 1) return [[`${matching[0]} `], typed];
  if (matching.length <= shownMax) return [matching, typed];
  const shared = sharedBeginning(matching);
  if (shared.length > typed.length) return [[shared], typed];
  return [[...matching.slice(0, shownMax), '…'], typed];
}

/** Of sorted words: what the first and the last share, all share. */
function sharedBeginning(sorted: readonly string[]): string {
  const first = sorted[0] ?? '';
  const last = sorted[sorted.length - 1] ?? '';
  let length = 0;
  while (length < first.length && first[length] === last[length]) length++;
  return first.slice(0, length);
}
