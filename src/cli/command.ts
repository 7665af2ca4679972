/** Commands of oclif's, each made from an entry of the table of operations: what oclif, its help and its manifest are told. */
import type { Interfaces } from '@oclif/core';
import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import {
  type ArgumentSpec,
  argument,
  type FlagKind,
  type FlagSpec,
  isBare,
} from '../operations/flags.js';
import type { OperationEntry, OperationWords } from '../operations/operation.js';
import { Interruption } from './interruption.js';
import { bytesFlags, performTyped, type TypedCommand } from './perform-typed.js';

const helpGroup = 'GLOBAL';

const baseFlags = {
  cluster: Flags.string({
    char: 'C',
    description: 'which cluster; else the one of `kvx cluster use`, else the only one that is up',
    helpValue: 'NAME',
    env: 'KVX_CLUSTER',
    helpGroup,
  }),
  json: Flags.boolean({
    description: 'print one JSON document, errors included',
    env: 'KVX_JSON',
    helpGroup,
  }),
};

/** Of a missing argument, oclif would read standard input by itself, unbounded and as trimmed text. */
const ignoreStdin = true;

/** One that flags may give, or that stands behind an optional one, is missed later. */
function oclifArgs(specs: readonly ArgumentSpec[]) {
  return Object.fromEntries(
    specs.map(({ name, description, optional, flag }, at) => {
      const isRequired =
        !optional && flag === undefined && specs.slice(0, at).every((each) => !each.optional);
      const required = isRequired ? { required: true } : {};
      return [name.toLowerCase(), Args.string({ ...required, ignoreStdin, description })];
    }),
  );
}

const helpValues: { readonly [K in FlagKind]?: string } = {
  ...{ level: 'LEVEL', node: 'NODE', duration: 'TIME', session: 'NAME' },
  ...{ guarantees: 'LIST', count: 'COUNT' },
};

/** Every flag can also be set in the environment, save those that take something away. */
function oclifFlag(spec: FlagSpec): Interfaces.FlagInput[string] {
  const { name, char, kind, description, hidden, options, multiple, typedOnly } = spec;
  const { helpValue = helpValues[kind], default: value } = spec;
  const common = {
    description,
    ...(char === undefined ? {} : { char: char as Interfaces.AlphabetLowercase }),
    ...(typedOnly ? {} : { env: `KVX_${name.toUpperCase().replaceAll('-', '_')}` }),
    ...(hidden ? { hidden } : {}),
  };
  if (kind === 'switch') return Flags.boolean(common);
  const valued = { ...common, ...(helpValue === undefined ? {} : { helpValue }) };
  const { min, max = Number.MAX_SAFE_INTEGER } = spec;
  if (min !== undefined) {
    const count = { ...valued, min, max };
    return Flags.integer(value === undefined ? count : { ...count, default: Number(value) });
  }
  const list = { multiple: true, multipleNonGreedy: true, delimiter: ',' } as const;
  if (multiple) return Flags.string({ ...valued, ...list });
  return Flags.string({
    ...valued,
    ...(value === undefined ? {} : { default: value }),
    ...(options === undefined ? {} : { options: [...options] }),
  });
}

/** oclif knows no flags that may do without their value: it gets the value that they have then. */
function withBareValues(argv: readonly string[], flags: readonly FlagSpec[]): string[] {
  return argv.map((word, at) => {
    const flag = flags.find(({ name }) => word === `--${name}`);
    return flag !== undefined && isBare(flag, argv[at + 1]) ? `${word}=${flag.bare}` : word;
  });
}

const shellLine = '$kvx';

/** As oclif wants examples: with the name of the program. */
const exampleOf = (text: string): string =>
  text.includes(shellLine)
    ? text.replaceAll(shellLine, '<%= config.bin %>')
    : `<%= config.bin %> ${text}`;

/** `KEY OLD [NEW]`: what oclif can't know, that flags or standard input may stand for an argument. */
function oclifUsage({ name, arguments: args }: OperationWords): string | undefined {
  const isAsUsual = args.every(({ flag, optional }, at) => {
    return flag === undefined && (!optional || args.slice(at).every((each) => each.optional));
  });
  if (isAsUsual) return undefined;
  const words = args.map(({ name: arg, optional, orInput }) =>
    optional || orInput ? `[${arg}]` : arg,
  );
  return [name, ...words].join(' ');
}

const stepsFile = argument('FILE', 'words', 'the steps; - or absent: standard input', {
  optional: true,
});

/**
 * Does what was typed, prints what comes of it and sets the exit code. It never calls `process.exit`, which would cut off
 * what is on its way into a pipe.
 */
export type Perform = (typed: TypedCommand, signal: AbortSignal) => Promise<void>;

export interface CommandProgram {
  readonly perform: Perform;
  /** The command that it is another word for, when typed like this. */
  readonly instead?: (argv: readonly string[]) => { id: string; argv: string[] } | null;
}

/** `program`: what does it, if it is not the operation. */
export function commandClass(spec: OperationEntry, program?: CommandProgram): typeof Command {
  const { summary, description, examples, aliases = [], flags, changes, block } = spec;
  const args = block ? [stepsFile] : spec.arguments;
  const usage = oclifUsage(spec);
  const taken = [...bytesFlags(args), ...flags].map((flag) => [flag.name, oclifFlag(flag)]);
  const made = class extends Command {
    static override baseFlags = baseFlags;
    static override summary = summary;
    static override examples = examples.map(exampleOf);
    static override args = oclifArgs(args);
    static override flags = Object.fromEntries(taken);
    static override aliases = [...aliases];
    static override strict = !args.some(({ rest }) => rest);

    /** Until it ends or the user interrupts it; then its signal is aborted, and it gets to clean up. */
    async run(): Promise<void> {
      const typedWords = withBareValues(this.argv, flags);
      const other = program?.instead?.(this.argv) ?? null;
      if (other !== null) return this.config.runCommand(other.id, other.argv);
      const { argv, flags: given, raw } = await this.parse(made, typedWords);
      const flagsTyped = raw.flatMap((token) => (token.type === 'flag' ? [token.flag] : []));
      const typed = {
        ...{ words: argv.map(String), flags: given, flagsTyped: new Set(flagsTyped) },
        ...{ argv: this.argv, config: this.config },
      };
      const interruption = new Interruption();
      try {
        await interruption.guard((signal) =>
          program === undefined
            ? performTyped(spec, typed, signal)
            : program.perform(typed, signal),
        );
      } finally {
        interruption.end();
      }
    }

    override async catch(error: Error): Promise<void> {
      const { reportFailure } = await import('./report-failure.js');
      await reportFailure(error, this.argv, { commandId: this.id, changes: changes ?? true });
    }

    /** `--json` is kvx's own flag here, not oclif's: results are printed, not returned. */
    override jsonEnabled(): boolean {
      return false;
    }
  };
  if (description !== undefined) made.description = description;
  if (usage !== undefined) made.usage = usage;
  return made;
}
