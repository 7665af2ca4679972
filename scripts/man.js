/**
 * The man page, kvx(1): made from oclif.manifest.json, and from the tables of docs/reference, which are made from those of the code.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/**
 * @typedef {{ name: string, description?: string, required?: boolean }} Argument
 * @typedef {{ name: string, char?: string, description?: string, helpValue?: string, type: string, hidden?: boolean,
 *   helpGroup?: string, multiple?: boolean, options?: string[], default?: unknown }} Flag
 * @typedef {{ id: string, summary: string, description?: string, usage?: string, strict: boolean, examples: string[],
 *   args: Record<string, Argument>, flags: Record<string, Flag> }} Command
 * @typedef {{ version: string, commands: Record<string, Command> }} Manifest
 */

/** Text as roff takes it as it is. @param {string} text */
const plain = (text) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replace(
      /[^\0-\x7f]/gu,
      (sign) => `\\[u${sign.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(/^\./, '\\&.');

/** What is in backticks is bold. @param {string} text */
const prose = (text) => {
  const parts = text.split(/`([^`]*)`/);
  const marked = parts.map((part, at) => (at % 2 === 1 ? bold(part) : plain(part)));
  return wrapped(marked.join(''));
};

const columnsMax = 78;

/** A line of the source begins with no dot, which would be an order. @param {string} text */
function wrapped(text) {
  const made = [''];
  for (const word of text.split(' ')) {
    const line = made[made.length - 1] ?? '';
    if (line !== '' && line.length + word.length >= columnsMax) made.push(word);
    else made[made.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return made.map((line) => line.replace(/^[.]/, '\\&.')).join('\n');
}

const bold = (/** @type {string} */ text) => `\\fB${plain(text)}\\fR`;
const italic = (/** @type {string} */ text) => `\\fI${plain(text)}\\fR`;

/** @param {string} tag @param {string} text */
const item = (tag, text) => ['.TP', tag, ...lines(text)];

/** A paragraph each, without blank lines, which man pages have none of. @param {string} text */
const lines = (text) => {
  const all = text.split('\n').filter((line) => line.trim() !== '');
  return all.flatMap((line, at) => (at === 0 ? [prose(line)] : ['.IP', prose(line)]));
};

/** @param {string} text */
const paragraphs = (text) =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => ['.PP', prose(line)]);

/** @param {Command} command */
function usageOf({ id, usage, args, strict }) {
  if (usage !== undefined) return usage;
  const named = Object.values(args).map(({ name, required }) =>
    required ? name.toUpperCase() : `[${name.toUpperCase()}]`,
  );
  return [id.replaceAll(':', ' '), ...named].join(' ') + (strict ? '' : '…');
}

/** @param {Flag} flag */
function flagItem({
  name,
  char,
  type,
  helpValue,
  multiple,
  description = '',
  options,
  default: value,
}) {
  const takes =
    type === 'option' ? ` ${italic((helpValue ?? 'VALUE') + (multiple ? '…' : ''))}` : '';
  const short = char === undefined ? '' : `${bold(`-${char}`)}, `;
  const one = options === undefined ? '' : ` (${options.join(', ')})`;
  const usual = value === undefined || type !== 'option' ? '' : ` [default: ${value}]`;
  return item(`${short}${bold(`--${name}`)}${takes}`, `${description}${one}${usual}`);
}

/**
 * Flags that an earlier command has likewise are named, and told there.
 * @param {string} id @param {Flag[]} flags @param {Map<string, string>} told by flag, the command that has told it
 */
function flagsPart(id, flags, told) {
  /** @type {Map<string, string[]>} */
  const likewise = new Map();
  const items = flags.flatMap((flag) => {
    const lines = flagItem(flag);
    const by = told.get(lines.join('\n'));
    if (by === undefined) {
      told.set(lines.join('\n'), id);
      return lines;
    }
    likewise.set(by, [...(likewise.get(by) ?? []), flag.name]);
    return [];
  });
  const others = [...likewise].flatMap(([by, names]) => {
    const all = names.map((name) => bold(`--${name}`)).join(', ');
    return ['.PP', wrapped(`As for ${bold(`kvx ${by.replaceAll(':', ' ')}`)}: ${all}`)];
  });
  return [...items, ...others];
}

/** @param {Command} command @param {Map<string, string>} told */
function commandPart(command, told) {
  const { summary, description = '', args, flags, examples } = command;
  const own = Object.values(flags).filter(
    ({ hidden, helpGroup }) => !hidden && helpGroup !== 'GLOBAL',
  );
  const typed = examples.map((each) => plain(each.replaceAll('<%= config.bin %>', 'kvx')));
  return [
    `.SS "kvx ${usageOf(command).replaceAll('…', '...').replaceAll('"', '\\(dq')}"`,
    ...lines(summary),
    ...paragraphs(description),
    ...Object.values(args).flatMap(({ name, description: what = '' }) =>
      item(italic(name.toUpperCase()), what),
    ),
    ...flagsPart(command.id, own, told),
    ...[
      '.PP',
      typed.length === 1 ? 'Example:' : 'Examples:',
      '.PP',
      '.RS 4',
      '.nf',
      ...typed,
      '.fi',
      '.RE',
    ],
  ];
}

/** Rows of the first table behind a heading. @param {string} page @param {string} heading */
function tableRows(page, heading) {
  const [, behind = ''] = page.split(`${heading}\n`);
  const rows = behind.slice(behind.indexOf('|')).split('\n\n', 1)[0]?.split('\n') ?? [];
  return rows.slice(2).map((row) =>
    row
      .slice(2, -2)
      .split(/ \| /)
      .map((cell) => cell.replace(/\\([<>|])/g, '$1')),
  );
}

const files = [
  ['cluster.json', 'what the cluster is'],
  ['run.json', 'there while it is up: where its sockets are'],
  ['data/NODE/', 'journals and snapshots of a node'],
  ['logs/', 'what nodes, and the daemon of threads, have to tell'],
  ['traces/', 'of a cluster that was started with `--trace`'],
  ['sessions/', 'what sessions have seen'],
];

/** @param {string} root @param {Manifest} manifest */
export function manPage(root, { version, commands }) {
  const read = (/** @type {string} */ name) =>
    readFileSync(join(root, 'docs/reference', name), 'utf8');
  const all = Object.values(commands).sort((a, b) => (a.id < b.id ? -1 : 1));
  const global = Object.values(all[0]?.flags ?? {}).filter((flag) => flag.helpGroup === 'GLOBAL');
  /** @type {Map<string, string>} */
  const told = new Map();
  const exits = tableRows(read('exit-codes.md'), '# Exit codes and errors');
  const variables = tableRows(read('environment.md'), '## What is no flag');
  const page = [
    `.TH KVX 1 "" "kvx ${version}" "kvx"`,
    '.SH NAME',
    'kvx \\- run a replicated key\\-value cluster, break it, and see what clients really got',
    '.SH SYNOPSIS',
    `${bold('kvx')} ${italic('COMMAND')} [${italic('ARGUMENT')}\\|...] [${italic('FLAG')}\\|...]`,
    '.br',
    `${bold('kvx help')} [${italic('COMMAND')}]`,
    '.SH DESCRIPTION',
    prose(
      'kvx runs a replicated key-value cluster on this machine, on threads, on processes or in a simulator, in one of several modes of replication. It breaks the cluster on purpose, and says with evidence which consistency its clients got.',
    ),
    ...paragraphs(
      'Results go to standard output, everything else to standard error. Errors say whether what was asked for surely did not happen.',
    ),
    '.SH "GLOBAL FLAGS"',
    ...global.flatMap(flagItem),
    ...item(
      `${bold('-h')}, ${bold('--help')}`,
      'show help on the command, with examples that work when pasted',
    ),
    ...item(`${bold('-V')}, ${bold('--version')}`, 'show the version'),
    '.SH COMMANDS',
    ...all.flatMap((command) => commandPart(command, told)),
    '.SH "EXIT STATUS"',
    ...exits.flatMap(([code = '', means = '']) => item(bold(code), means)),
    '.SH ENVIRONMENT',
    prose(
      'Every flag may be set as `KVX_<FLAG>`, save those that take something away; what is typed wins.',
    ),
    ...variables.flatMap(([name = '', says = '']) => item(bold(name.replaceAll('`', '')), says)),
    '.SH FILES',
    prose('Each cluster has a folder of its name in `$KVX_HOME`, with:'),
    ...files.flatMap(([name = '', what = '']) => item(bold(name), what)),
    '.SH "SEE ALSO"',
    prose('`redis-cli`(1), which talks to a cluster that was started with `--resp`.'),
  ];
  return `${page.join('\n')}\n`;
}

/** Writes it to `outDir`, which package.json's `man` names. @param {string} root @param {string} outDir @param {string} manifest */
export function writeManPage(root, outDir, manifest) {
  mkdirSync(join(outDir, 'man'), { recursive: true });
  writeFileSync(join(outDir, 'man/kvx.1.gz'), gzipSync(manPage(root, JSON.parse(manifest))));
}
