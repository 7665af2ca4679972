/** What may come next behind a command's name: its arguments, flags and their values. */
import { isBare } from '../operations/flags.js';
import {
  type CompletionOption,
  type Suggestions,
  type Surroundings,
  valuesAround,
} from './values-around.js';

export interface CompletableArgument extends Suggestions {
  readonly rest?: boolean;
}

export interface CompletableFlag extends Suggestions {
  readonly name: string;
  readonly char?: string;
  readonly description: string;
  readonly isSwitch?: boolean;
  /** What it says when no value follows. */
  readonly bare?: string;
  readonly multiple?: boolean;
}

/** A command, as far as its words matter. */
export interface Completable {
  readonly arguments: readonly CompletableArgument[];
  readonly flags: readonly CompletableFlag[];
}

export interface CommandCompletions {
  readonly options: readonly CompletionOption[];
  /** What a value or argument may be, where one stands. */
  readonly suggestions?: Suggestions;
  /** In front of the value that is typed: `--mode=`. */
  readonly before?: string;
}

/** `given`: whole words after the command's name. `otherwise`: what may stand where no argument can. */
export function completeCommand(
  { arguments: args, flags }: Completable,
  given: readonly string[],
  typed: string,
  around: Surroundings,
  otherwise?: readonly CompletionOption[],
): CommandCompletions {
  const { positionals, awaited, used, hasEnded } = readWords(given, typed, flags);
  const ofFlag = (flag: CompletableFlag, value: string, before = ''): CommandCompletions => {
    const options = valuesAround(flag, value, around);
    const whole = options.map((option) => ({ ...option, label: before + option.label }));
    return { options: whole, suggestions: flag, before };
  };
  if (awaited !== null) return ofFlag(awaited, typed);
  const [, before = '', name, value = ''] = /^(--([\w-]+)=)(.*)$/s.exec(typed) ?? [];
  const valued = hasEnded ? undefined : flags.find((flag) => flag.name === name && !flag.isSwitch);
  if (valued !== undefined) return ofFlag(valued, value, before);
  const left = hasEnded ? [] : flags.filter((flag) => flag.multiple || !used.has(flag.name));
  if (!hasEnded && typed.startsWith('-')) return { options: flagOptions(left) };
  const argument = argumentAt(args, positionals);
  if (argument === undefined) return { options: otherwise ?? flagOptions(left) };
  return { options: valuesAround(argument, typed, around), suggestions: argument };
}

const flagOptions = (flags: readonly CompletableFlag[]): CompletionOption[] =>
  flags.map(({ name, description }) => {
    return { label: `--${name}`, detail: description, kind: 'flag' };
  });

function argumentAt(args: readonly CompletableArgument[], nth: number) {
  const last = args[args.length - 1];
  return args[nth] ?? (last?.rest ? last : undefined);
}

/** How many arguments stand there, which flag waits for its value, which flags were given, whether `--` has ended them. */
function readWords(given: readonly string[], typed: string, flags: readonly CompletableFlag[]) {
  let positionals = 0;
  let awaited: CompletableFlag | null = null;
  let hasEnded = false;
  const used = new Set<string>();
  for (const word of given) {
    const isValue: boolean = awaited !== null && !isBare(awaited, word);
    awaited = null;
    if (isValue) continue;
    const [flag, hasValue] = hasEnded ? [] : flagIn(word, flags);
    if (flag !== undefined) {
      used.add(flag.name);
      if (!flag.isSwitch && !hasValue) awaited = flag;
    } else if (!hasEnded && word === '--') hasEnded = true;
    else if (hasEnded || !word.startsWith('--')) positionals++;
  }
  if (awaited !== null && typed !== '' && isBare(awaited, typed)) awaited = null;
  return { positionals, awaited, used, hasEnded };
}

/** The flag that a word is, and whether it says its value: `-C dev`, `-Cdev`, `--cluster dev`, `--cluster=dev`. */
export function flagIn<T extends CompletableFlag>(
  word: string,
  flags: readonly T[],
): [T | undefined, boolean] {
  const [name] = word.split('=', 1);
  const long = flags.find((flag) => name === `--${flag.name}`);
  if (long !== undefined) return [long, word.includes('=')];
  const short = flags.find(({ char }) => char !== undefined && word.startsWith(`-${char}`));
  return [short, word.length > 2];
}
