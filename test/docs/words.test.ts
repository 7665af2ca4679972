/** Commands that documents name have these words: the command is there, and so is each flag, and no argument is one too many. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bytesFlags } from '../../src/cli/perform-typed.js';
import { didYouMean } from '../../src/core/suggest.js';
import { keyFlags } from '../../src/operations/flags.js';
import type { OperationEntry } from '../../src/operations/operation.js';
import { operations } from '../../src/operations/table.js';

const root = join(import.meta.dirname, '../..');
const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.startsWith('reference/'))
    .map((path) => join('docs', path)),
];

const everywhere = ['json', 'help', 'cluster', 'version'];
const charsEverywhere = ['C', 'h', 'V'];
/** What scripts of shells call, and nobody types. */
const hidden = ['complete'];

/** In a line of shell, up to what is another command's or a comment. */
function wordsOf(line: string): string[] {
  const words = line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  const end = words.findIndex((word) => /^(?:[|&;#<>]|\d?>|…)/.test(word));
  return (end === -1 ? words : words.slice(0, end)).map((word) => word.replaceAll(/["']/g, ''));
}

/** Those in code, whether it stands alone or in a sentence. */
function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```(?!js|ts|kvx)\w*\n([\s\S]*?)^ *```/gm)];
  const typed = blocks.flatMap(([, block = '']) =>
    [...block.replaceAll('\\\n', ' ').matchAll(/(?:^|\|)\s*(?:\$ )?(kvx [a-z-](?!\w*>).*)$/gm)].map(
      ([, line]) => line as string,
    ),
  );
  const prose = text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').replaceAll('\n', ' ');
  const named = [...prose.matchAll(/`(kvx [a-z-][^`]*)`/g)].map(([, line]) => line as string);
  return [...typed, ...named];
}

const nameOf = ({ name, aliases = [] }: OperationEntry) => [name, ...aliases];

/** What is wrong with a command; `null`: nothing. */
function problemOf(line: string): string | null {
  const [, ...words] = wordsOf(line);
  const [first = '-'] = words;
  if (first.startsWith('-') || hidden.includes(first)) return null;
  const names = operations.flatMap(nameOf);
  const name = [words.slice(0, 2).join(' '), first].find((each) => names.includes(each));
  const isTopic = names.some((each) => each.startsWith(`${first} `));
  if (name === undefined) {
    return isTopic && !/^[a-z][\w-]*$/.test(words[1] ?? '')
      ? null
      : `no such command${didYouMean(words.slice(0, 2).join(' '), names)}`;
  }
  const entry = operations.find((each) => nameOf(each).includes(name)) as OperationEntry;
  return wrongFlag(entry, words) ?? wrongCount(entry, words.slice(name.split(' ').length));
}

const flagsOf = ({ arguments: taken, flags, block }: OperationEntry) => [
  ...bytesFlags(taken),
  ...flags,
  ...(block === true ? keyFlags : []),
];

function wrongFlag(entry: OperationEntry, words: readonly string[]): string | null {
  const flags = flagsOf(entry);
  const known = [...everywhere, ...flags.map(({ name }) => name)];
  const chars = [...charsEverywhere, ...flags.map(({ char }) => char)];
  for (const word of words) {
    const [, long, short] = /^(?:--([a-z][\w-]*)|-([a-zA-Z]))/.exec(word) ?? [];
    if (long !== undefined && !known.includes(long)) return `no flag --${long}`;
    if (short !== undefined && !chars.includes(short)) return `no flag -${short}`;
  }
  return null;
}

function wrongCount(entry: OperationEntry, words: readonly string[]): string | null {
  const flags = flagsOf(entry);
  const isSwitch = (word: string) => {
    const flag = flags.find(({ name, char }) => word === `--${name}` || word === `-${char}`);
    return flag?.kind === 'switch' || flag?.bare !== undefined || ['--json', '-h'].includes(word);
  };
  const plain = words.filter((word, at) => {
    const before = words[at - 1] ?? '';
    const isValue = /^--?[a-zA-Z][\w-]*$/.test(before) && !isSwitch(before);
    return !/^--?[a-zA-Z]/.test(word) && !isValue;
  });
  const { arguments: taken, block } = entry;
  if (taken.some(({ rest }) => rest) || flags.some(({ multiple }) => multiple)) return null;
  const most = block === true ? 1 : taken.length;
  return plain.length > most ? `${plain.length} arguments instead of ${most}` : null;
}

it('finds commands, and what is wrong with them', () => {
  expect(
    commandsIn('a `kvx get k`\n\n```sh\necho 1 | kvx put k - # so\n```\n').map(problemOf),
  ).toEqual([null, null]);
  expect(['kvx get --levle one k', 'kvx fault isolat n1', 'kvx get k l'].map(problemOf)).toEqual([
    'no flag --levle',
    'no such command, did you mean fault isolate?',
    '2 arguments instead of 1',
  ]);
});

it.each(documents)('%s names commands that there are', (document) => {
  const lines = commandsIn(readFileSync(join(root, document), 'utf8'));
  const problems = lines.map((line) => [line, problemOf(line)] as const);
  expect(problems.filter(([, problem]) => problem !== null)).toEqual([]);
});
