/** docs/reference/, made from the tables that commands, modes, checkers and errors are made from. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { anchorOf } from '../../site/anchor.js';
import { consequencesOf, modelNames, models } from '../../src/check/models.js';
import { bytesFlags } from '../../src/cli/perform-typed.js';
import { formatDuration } from '../../src/config/duration.js';
import { type ErrorCode, errorCodes, KvxError } from '../../src/core/errors.js';
import { faultNames } from '../../src/faults/fault.js';
import { nemeses, nemesisNames, nemesisSummaries } from '../../src/faults/nemeses.js';
import { type FlagSpec, keyFlags } from '../../src/operations/flags.js';
import { type OperationEntry, usageOf } from '../../src/operations/operation.js';
import { disturbances, operations } from '../../src/operations/table.js';
import { catalog, type ModeProfile, modeNames } from '../../src/protocols/catalog.js';
import type { ModeOption } from '../../src/protocols/shared/mode-options.js';
import { exitCodeOf, exitCodes } from '../../src/render/failure.js';
import { exitMeanings } from '../../src/scenario/help-topics.js';
import { bugs } from '../../src/zoo/bugs.js';

const root = join(import.meta.dirname, '../..');

/** What would end a cell or be taken for HTML; not in code. */
const cell = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replace(/[<>]/g, (sign) => `\\${sign}`)))
    .join('')
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

const code = (text: string): string => `\`${text}\``;

/** An example as it is typed. */
const typedLine = (example: string): string =>
  example.includes('$kvx') ? example.replaceAll('$kvx', 'kvx') : `kvx ${example}`;

const kindValues: { readonly [K in FlagSpec['kind']]?: string } = {
  ...{ level: 'LEVEL', node: 'NODE', duration: 'TIME', session: 'NAME' },
  ...{ guarantees: 'LIST', count: 'COUNT', text: 'TEXT' },
};

const variableOf = ({ name, typedOnly, commandLineOnly: _ }: FlagSpec): string | null =>
  typedOnly ? null : `KVX_${name.toUpperCase().replaceAll('-', '_')}`;

function flagRow(flag: FlagSpec): string[] {
  const { name, char, kind, description, helpValue, options, default: value, multiple } = flag;
  const said = kind === 'switch' ? '' : ` ${helpValue ?? kindValues[kind]}${multiple ? '…' : ''}`;
  const short = char === undefined ? '' : `${code(`-${char}`)}, `;
  const one = options === undefined ? '' : ` (${options.join(', ')})`;
  return [
    `${short}${code(`--${name}${said}`)}`,
    `${description}${one}`,
    value === undefined ? '' : code(value),
  ];
}

const sameFlags = (left: readonly FlagSpec[], right: readonly FlagSpec[]) =>
  right.every((flag) => left.includes(flag));

function flagsPart(entry: OperationEntry): string[] {
  const hasKeyFlags = sameFlags(entry.flags, keyFlags);
  const own = [
    ...bytesFlags(entry.arguments),
    ...entry.flags.filter((flag) => !(hasKeyFlags && keyFlags.includes(flag)) && !flag.hidden),
  ];
  return [
    ...(own.length === 0 ? [] : [table(['flag', 'says', 'default'], own.map(flagRow))]),
    ...(hasKeyFlags ? ['…and the [flags of keys](#flags-of-keys).'] : []),
  ];
}

function commandPart(entry: OperationEntry): string {
  const { summary, description, aliases = [], examples, arguments: taken, block, only } = entry;
  const where = only === 'scripts' ? ['In scripts and the shell only.'] : [];
  const says = (description ?? '')
    .split('\n')
    .filter((each) => each !== '')
    .map((each) => each.replaceAll(/[<>]/g, (sign) => `\\${sign}`));
  return [
    `### ${entry.name}`,
    `\`\`\`text\n${block ? `${entry.name} [FILE]` : usageOf(entry)}\n\`\`\``,
    summary.replaceAll(/[<>]/g, (sign) => `\\${sign}`),
    ...where,
    ...(aliases.length === 0 ? [] : [`Also: ${aliases.map(code).join(', ')}.`]),
    ...says,
    ...(taken.length === 0
      ? []
      : [
          table(
            ['argument', 'is'],
            taken.map(({ name, description: is, options }) => [
              code(name),
              options === undefined ? is : `${is} (${options.join(', ')})`,
            ]),
          ),
        ]),
    ...flagsPart(entry),
    ...(examples.length === 0
      ? []
      : [`\`\`\`sh\n${examples.map(only === 'scripts' ? String : typedLine).join('\n')}\n\`\`\``]),
  ].join('\n\n');
}

/** Such as `fault`, of several words. */
const topicOf = ({ name }: OperationEntry): string | null => /^(\w+) /.exec(name)?.[1] ?? null;

const groups: readonly (readonly [string, (entry: OperationEntry) => boolean])[] = [
  ['Keys', ({ block, flags }) => block === true || sameFlags(flags, keyFlags)],
  ['Clusters', (entry) => topicOf(entry) === 'cluster'],
  ['Nodes', (entry) => topicOf(entry) === 'node'],
  ['Faults', (entry) => topicOf(entry) === 'fault'],
  ['Scripts alone', ({ only }) => only === 'scripts'],
  ['Look, run and judge', () => true],
];

function grouped(): (readonly [string, readonly OperationEntry[]])[] {
  const left = new Set(operations);
  const found = groups.map(([title, isOf]) => {
    const members = [...left].filter(isOf);
    for (const member of members) left.delete(member);
    return [title, members] as const;
  });
  // What there is beside these is what most look for first.
  return [...found.slice(0, 1), ...found.slice(-1), ...found.slice(1, -1)];
}

function commandsPage(): string {
  const all = grouped();
  const contents = all.flatMap(([title, entries]) => [
    [`**${title}**`, ''],
    ...entries.map(({ name, summary }) => [`[${name}](#${anchorOf(name)})`, summary]),
  ]);
  return [
    '# Commands',
    'Every operation: on the command line, in [scenarios](../scenarios.md), in the [shell](../shell.md) and in the laboratory it has the same words. `kvx COMMAND -h` shows the same.',
    table(['command', 'does'], contents),
    '## Flags of every command',
    table(
      ['flag', 'says'],
      [
        [
          '`-C`, `--cluster NAME`',
          'which cluster; else `KVX_CLUSTER`, the one of `kvx cluster use`, or the only one that is up',
        ],
        ['`--json`', 'one JSON document on standard output, errors included'],
        ['`-h`, `--help`', 'what it does, its flags, and examples'],
      ],
    ),
    'Every flag can be set in the environment: [environment](environment.md). Exit codes: [exit codes and errors](exit-codes.md).',
    '## Flags of keys',
    table(['flag', 'says', 'default'], keyFlags.map(flagRow)),
    ...all.flatMap(([title, entries]) => [`## ${title}`, ...entries.map(commandPart)]),
  ].join('\n\n');
}

function faultsPage(): string {
  const places = (entry: OperationEntry): string => {
    const needs = entry.capabilities ?? [];
    if (needs.includes('cut the power of nodes')) return 'simulator';
    return needs.includes('bring back nodes that lost their data') ? 'real nodes' : 'everywhere';
  };
  return [
    '# Faults and nemeses',
    'How they are used, with what they print: [faults](../faults.md). Each is a [command](commands.md#faults).',
    '## What can be broken',
    table(
      ['command', 'does', 'where'],
      [...disturbances].map((entry) => [
        `[\`${usageOf(entry)}\`](commands.md#${anchorOf(entry.name)})`,
        entry.summary,
        places(entry),
      ]),
    ),
    '## Nemeses',
    '`kvx fault nemesis NAME…`, `kvx bench --nemesis NAME`, `kvx sim --nemesis NAME`: they draw the next fault from a seed and from what the cluster is like.',
    table(
      ['nemesis', 'does', 'by'],
      nemesisSummaries.map(([name, summary]) => {
        const known = nemesisNames.find((each) => each === name);
        const uses = known === undefined ? [] : nemeses[known].uses;
        return [code(name), summary, uses.map(code).join(', ')];
      }),
    ),
    '## What a simulated run draws',
    `\`kvx sim --faults NAME,…\` takes these: ${faultNames.map(code).join(', ')}.`,
    '## Bugs that can be planted',
    'See [the zoo](../zoo/README.md): `kvx sim --bug NAME`, `kvx run FILE --runtime sim --bug NAME`.',
    table(
      ['bug', 'what nodes do', 'what it breaks'],
      bugs.map(({ name, mistake, promise }) => [`[${name}](../zoo/${name}.md)`, mistake, promise]),
    ),
  ].join('\n\n');
}

const registers = { hasTransactions: false, hasReplacements: false };
const traits = {
  'each operation on one key': registers,
  '…with `cas`, `insert` or `update`': { ...registers, hasReplacements: true },
  'with transactions': { ...registers, hasTransactions: true },
} as const;

function modelsPage(): string {
  const part = (title: string, name: keyof typeof traits): string[] => [
    `### ${title}`,
    table(
      ['when this holds', 'so do these'],
      modelNames
        .filter((model) => traits[name].hasTransactions || !models[model].ofTransactions)
        .map((model) => {
          const weaker = consequencesOf(model, traits[name]);
          return [
            code(model),
            modelNames
              .filter((each) => weaker.has(each))
              .map(code)
              .join(', '),
          ];
        })
        .filter(([, weaker]) => weaker !== ''),
    ),
  ];
  return [
    '# Consistency models',
    'How each is judged, and what the verdicts look like: [checking](../checking.md). `kvx check --model NAME` judges by one; without it, by the whole ladder.',
    '## What each promises',
    table(
      ['`--model`', 'called', 'promises'],
      modelNames.map((name) => [
        code(name),
        models[name].title,
        `${models[name].promise}${models[name].ofTransactions ? ' (histories of transactions alone)' : ''}`,
      ]),
    ),
    '## Which follows from which',
    'What follows depends on what the history is made of; `kvx check` says of each verdict what it follows from.',
    ...part('Each operation on one key', 'each operation on one key'),
    ...part('…with operations that find and replace', '…with `cas`, `insert` or `update`'),
    ...part('With transactions', 'with transactions'),
  ].join('\n\n');
}

function optionRow({ name, flag, summary, kind, min, max, default: value }: ModeOption): string[] {
  const shown = (each: number) => (kind === 'millis' ? formatDuration(each) : String(each));
  const lower = min === undefined ? '' : max === undefined ? `${shown(min)} or more` : shown(min);
  const bounds = max === undefined ? lower : `${lower} to ${shown(max)}`;
  const isNumber = kind === 'millis' || kind === 'count';
  const initial = isNumber ? shown(Number(value)) : String(value);
  return [
    code(name),
    flag === undefined ? '' : code(`--${flag}`),
    summary,
    initial === '' ? '' : code(initial),
    kind === 'rate' ? '0 to below 1' : bounds,
  ];
}

function modePart(mode: ModeProfile): string {
  const levels = [...mode.levels.map(code), ...(mode.numberLevels ? ['a number'] : [])];
  const { defaultLevels: levelsOf, consistency } = mode;
  const rows = [
    ['levels', levels.join(', ')],
    ['… unless said', `reads ${code(`${levelsOf.read}`)}, writes ${code(`${levelsOf.write}`)}`],
    [
      'reads at a level are',
      consistency === null
        ? 'as R, W and N have it'
        : Object.entries(consistency)
            .map(([level, holds]) => `${code(level)}: ${holds}`)
            .join(', '),
    ],
    ['has', mode.features.join(', ') || '–'],
    ['an acknowledged write is at', mode.acknowledgedBy],
    ['of two writers of a key at a time', mode.writersCollide ? 'one is refused' : 'both go on'],
    ['a retry in a session', mode.exactlyOnce ? 'is executed once' : 'may be executed twice'],
    ['nodes come and go', mode.membership === null ? 'no' : 'yes'],
  ];
  return [
    `## Mode ${mode.name}`,
    `${mode.summary.charAt(0).toUpperCase()}${mode.summary.slice(1)}. How it works: [${mode.name}](../protocols/${mode.name}.md).`,
    table(['', ''], rows),
    table(
      ['promises', 'when'],
      mode.promises.map(({ when, holds }) => [holds, when]),
    ),
    `**What gives way:** ${mode.givesWay}.`,
    table(['option', 'flag', 'says', 'default', 'bounds'], mode.options.map(optionRow)),
  ].join('\n\n');
}

const modesPage = (): string =>
  [
    '# Modes and options',
    'Options are set by their flags, by `-o NAME=VALUE`, or in a config file under either name; times take units, such as `200ms`. `kvx cluster config` shows what a cluster has.',
    ...modeNames.map((name) => modePart(catalog[name])),
  ].join('\n\n');

export const exitTable = (): string =>
  table(
    ['exit', 'means'],
    Object.entries(exitCodes).map(([name, number]) => [
      `${number}`,
      exitMeanings[name as keyof typeof exitCodes],
    ]),
  );

/** As the comment beside the codes has it. */
function errorRows(): Map<ErrorCode, string> {
  const text = readFileSync(join(root, 'src/core/errors.ts'), 'utf8');
  const rows = [...text.matchAll(/^ \* \| `([a-z-]+)` \| (.*?) \| .* \|$/gm)];
  return new Map(rows.map(([, name, when]) => [name as ErrorCode, when as string]));
}

function exitCodesPage(): string {
  const when = errorRows();
  const exitOf = (name: ErrorCode, definite: boolean) =>
    `${exitCodeOf(new KvxError('', { code: name, definite }))}`;
  return [
    '# Exit codes and errors',
    'Results go to standard output, everything else to standard error. With `--json` an error is a document, too: `{"error": {"code", "definite", "message", "hint", "exitCode"}}`.',
    exitTable(),
    '## Error codes',
    '*Definite*: what was asked for surely did not happen and never will. `expect fails CODE` in [scenarios](../scenarios.md) takes these words.',
    table(
      ['code', 'when', 'exit if definite', 'exit if not'],
      errorCodes.map((name) => [
        code(name),
        when.get(name) ?? '',
        exitOf(name, true),
        exitOf(name, false),
      ]),
    ),
  ].join('\n\n');
}

/** Those that are no flags. */
const variables: Readonly<Record<string, string>> = {
  KVX_HOME: 'where clusters are kept; else `$XDG_STATE_HOME/kvx`, else `~/.local/state/kvx`',
  XDG_STATE_HOME: 'see `KVX_HOME`',
  XDG_RUNTIME_DIR:
    'where sockets are, in the folder `kvx`; else a private folder in the one for temporary files',
  NO_COLOR: 'anything: no colours',
  FORCE_COLOR: 'anything but `0`: colours, also where the output is no terminal',
  TERM: '`dumb`: no colours, nothing is drawn anew',
  COLUMNS: 'how wide the output may be where it is no terminal; else 80',
  DEBUG: '`kvx` or `*`: stack traces',
  HOME: 'see `KVX_HOME`; with `SHELL`, nothing else is looked up of who runs it',
  NODE_OPTIONS: 'as Node has it; nodes are started with their own',
  DISPLAY: '`kvx lab` opens a browser only where there is a screen; `WAYLAND_DISPLAY` likewise',
};

/** What the code reads by name. */
export function variablesRead(): Set<string> {
  const read = /\benv(?:\(\))?(?:\.|\[')([A-Z][A-Z_]+)/g;
  const files = ['src', 'bin'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(?:ts|tsx|c?js)$/.test(file))
      .filter((file) => !/\.test\.ts$|\/testing\//.test(file))
      .map((file) => join(root, folder, file)),
  );
  const found = files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(read)]);
  return new Set(found.map(([, name]) => name as string));
}

export const variablesDocumented = (): Set<string> =>
  new Set([
    ...Object.keys(variables),
    ...Object.values(variables).flatMap((text) => text.match(/\b[A-Z]+_[A-Z_]+\b/g) ?? []),
    ...operations.flatMap(({ flags }) => flags.flatMap((flag) => variableOf(flag) ?? [])),
    ...['KVX_CLUSTER', 'KVX_JSON', 'SHELL'],
  ]);

function environmentPage(): string {
  const users = new Map<string, Set<string>>();
  for (const { name, arguments: taken, flags, only } of operations) {
    if (only === 'scripts') continue;
    for (const flag of [...bytesFlags(taken), ...flags]) {
      const variable = variableOf(flag);
      if (variable === null || flag.hidden) continue;
      users.set(variable, (users.get(variable) ?? new Set()).add(name));
    }
  }
  const typedOnly = operations.flatMap(({ name, flags }) =>
    flags.filter((flag) => flag.typedOnly).map((flag) => code(`${name} --${flag.name}`)),
  );
  return [
    '# Environment',
    '## What is no flag',
    table(
      ['variable', 'says'],
      Object.entries(variables).map(([name, says]) => [code(name), says]),
    ),
    '## Flags',
    'Every flag of a command may come from the environment instead. What is typed wins.',
    table(
      ['variable', 'read by'],
      [
        ['`KVX_CLUSTER`, `KVX_JSON`', 'every command'],
        ...[...users]
          .sort(([left], [right]) => (left < right ? -1 : 1))
          .map(([variable, names]) => [
            code(variable),
            names.size > 8 ? `${names.size} commands` : [...names].map(code).join(', '),
          ]),
      ],
    ),
    `Not from the environment, because they take something away: ${typedOnly.join(', ')}.`,
  ].join('\n\n');
}

const made =
  '<!-- Made from the tables of the code by test/docs/reference.test.ts, with KVX_REWRITE=1. -->';

/** By their names. */
export const referencePages: Readonly<Record<string, () => string>> = {
  'commands.md': commandsPage,
  'faults.md': faultsPage,
  'models.md': modelsPage,
  'modes.md': modesPage,
  'exit-codes.md': exitCodesPage,
  'environment.md': environmentPage,
};

export const madeReferencePage = (name: string): string =>
  `${referencePages[name]?.() ?? ''}\n\n${made}\n`;
