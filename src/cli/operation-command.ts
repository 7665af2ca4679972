/** A command of oclif's, made from an operation of the table. */
import * as Args from '@oclif/core/args';
import type { ArgumentSpec } from '../operations/arguments.js';
import type { OperationEntry, OperationWords } from '../operations/operation.js';
import { KvxCommand } from './command.js';
import { oclifFlags } from './oclif-flags.js';
import { performTyped, type TypedCommand } from './perform-typed.js';
import { bytesFlags } from './typed-bytes.js';

/** Of a missing argument, oclif would read standard input by itself, unbounded and as trimmed text. */
const ignoreStdin = true;

/** One that flags may give, or that stands behind an optional one, is missed later. */
function argsOf(specs: readonly ArgumentSpec[]) {
  return Object.fromEntries(
    specs.map(({ name, description, optional, flag }, at) => {
      const isRequired =
        !optional && flag === undefined && specs.slice(0, at).every((each) => !each.optional);
      const required = isRequired ? { required: true } : {};
      return [name.toLowerCase(), Args.string({ ...required, ignoreStdin, description })];
    }),
  );
}

const shellLine = '$kvx';

/** As oclif wants examples: with the name of the program. */
const exampleOf = (text: string): string =>
  text.includes(shellLine)
    ? text.replaceAll(shellLine, '<%= config.bin %>')
    : `<%= config.bin %> ${text}`;

/** `KEY OLD [NEW]`: what oclif can't know, that flags or standard input may stand for an argument. */
function usageOf({ name, arguments: args }: OperationWords): string | undefined {
  const isAsUsual = args.every(({ flag, optional }, at) => {
    return flag === undefined && (!optional || args.slice(at).every((each) => each.optional));
  });
  if (isAsUsual) return undefined;
  const words = args.map(({ name: arg, optional, orInput }) =>
    optional || orInput ? `[${arg}]` : arg,
  );
  return [name, ...words].join(' ');
}

const stepsFile: ArgumentSpec = {
  name: 'FILE',
  kind: 'words',
  description: 'the steps; - or absent: standard input',
  optional: true,
};

type Perform = (typed: TypedCommand, signal: AbortSignal) => Promise<void>;

/** What oclif, its help and its manifest are told of an operation. `perform`: a program's own way to do it. */
export function commandClass(
  spec: OperationEntry,
  perform: Perform = (typed, signal) => performTyped(spec, typed, signal),
): typeof KvxCommand {
  const { summary, description, examples, aliases = [], flags, changes = true, block } = spec;
  const args = block ? [stepsFile] : spec.arguments;
  const usage = usageOf(spec);
  const made = class extends KvxCommand {
    static override summary = summary;
    static override examples = examples.map(exampleOf);
    static override args = argsOf(args);
    static override flags = { ...bytesFlags(args), ...oclifFlags(flags) };
    static override aliases = [...aliases];
    static override strict = !args.some(({ rest }) => rest);
    static override changes = changes;

    async run(): Promise<void> {
      const { argv, flags: typed } = await this.parse(this.ctor);
      await this.interruptibly((signal) =>
        perform({ words: argv.map(String), flags: typed, argv: this.argv }, signal),
      );
    }
  };
  if (description !== undefined) made.description = description;
  if (usage !== undefined) made.usage = usage;
  return made;
}
