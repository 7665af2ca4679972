/**
 * One scenario in each mode, beside each other. What a mode does not have is left out line by line, with the reason, until the
 * rest of the scenario runs.
 */
import type { KvxError } from '../core/errors.js';
import { defaultModeName, modeHas, modeIds, profileOf } from '../protocols/catalog.js';
import { bugs } from '../zoo/bugs.js';
import { type Recorded, type RecordOptions, record } from './record.js';
import type { RunKey, ScenarioProblem } from './recording.js';
import { ScenarioError } from './scenario-error.js';

/** `recording` is `null`: in this mode the scenario can't be read, for these problems. */
export interface ModeRun<Kept> {
  readonly mode: string;
  /** As it was run. */
  readonly scenario: string;
  /** Lines of it that were left out or changed for this mode, from 1, and why. */
  readonly changed: readonly ScenarioProblem[];
  readonly recording: Kept | null;
  readonly problems: readonly ScenarioProblem[];
}

/** More changes than that are no scenario any more. */
const changesMax = 30;

/**
 * Records the scenario in every mode, one after another; a bug goes only with the mode that it is of. Throws `interrupted`
 * once the signal says so.
 */
export async function recordModes(
  key: RunKey,
  options: RecordOptions,
  onMode: (run: ModeRun<Recorded>) => void = () => {},
): Promise<ModeRun<Recorded>[]> {
  const runs: ModeRun<Recorded>[] = [];
  for (const mode of modeIds()) {
    const run = await recordIn(mode, key, options);
    runs.push(run);
    onMode(run);
  }
  return runs;
}

async function recordIn(
  mode: string,
  key: RunKey,
  options: RecordOptions,
): Promise<ModeRun<Recorded>> {
  const script = new AdaptedScript(key.scenario, mode);
  const isOwn = bugs.some((each) => each.name === key.bug && each.mode === mode);
  const bug = isOwn ? key.bug : null;
  for (;;) {
    const { text: scenario, changed } = script;
    const run = { mode, scenario, changed };
    try {
      const recording = await record({ ...key, scenario, bug }, options);
      const { error } = recording;
      const line = recording.recording.failureLine;
      if (error === null || !script.adapt(line, error.message, lacks(error))) {
        return { ...run, recording, problems: [] };
      }
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      const [first] = error.problems;
      if (first === undefined || !script.adapt(first.line, first.message, true)) {
        return { ...run, recording: null, problems: error.problems };
      }
    }
  }
}

/** What was asked for is nothing that this mode has, or can do. */
const lacks = ({ code }: KvxError): boolean => code === 'bad-request' || code === 'config';

/** A word of a line, or what stands in quotes. */
interface Spot {
  readonly text: string;
  /** From 0. */
  readonly start: number;
}

const levelFlags: ReadonlySet<string> = new Set(['read', 'write', 'level']);
/** What may stand before a command that does not fail for all. */
const beforeTry = /^\s*(?:(?:repeat|at)\s+\S+\s+)?(?!expect\b|try\b|repeat\b|client\b|end\b|txn\b)/;

class AdaptedScript {
  readonly changed: ScenarioProblem[] = [];
  readonly #mode: string;
  readonly #lines: string[];
  readonly #isOwn: boolean;

  constructor(scenario: string, mode: string) {
    this.#mode = mode;
    this.#lines = scenario.split('\n');
    if (!this.#lines.some(isUp)) this.#lines.unshift('cluster up');
    this.#isOwn = this.#lines.filter(isUp).every((line) => modeOf(line) === mode);
    if (this.#isOwn) return;
    for (const [at, line] of this.#lines.entries()) if (isUp(line)) this.#up(at, line);
  }

  get text(): string {
    return this.#lines.join('\n');
  }

  /** `isLack`: the mode has no such thing; otherwise it has failed. Returns false where nothing is to be changed. */
  adapt(line: number, why: string, isLack: boolean): boolean {
    const at = line - 1;
    const text = this.#lines[at];
    if (this.#isOwn || text === undefined || this.changed.length >= changesMax) return false;
    if (/^\s*(#|$)/.test(text) || isUp(text)) return false;
    const said = why.replace(/^scenario:\d+: /, '').replace(`${withoutComment(text).trim()}: `, '');
    const changed = isLack ? this.#without(text, said) : trying(text);
    if (changed === null) return false;
    if (changed === '') this.#leaveOut(at);
    else this.#lines[at] = changed;
    const what = changed === '' ? 'left out' : `now \`${withoutComment(changed).trim()}\``;
    this.#note(at, `${said}: ${what}`);
    return true;
  }

  /** The line that starts the cluster: without the options that this mode does not have. */
  #up(at: number, line: string): void {
    const mode = this.#mode;
    const names = new Set<string>(profileOf(mode).options.map(({ name }) => name));
    const flags = new Set<string | undefined>(profileOf(mode).options.map(({ flag }) => flag));
    const others = new Set(
      modeIds().flatMap((each) => profileOf(each).options.map(({ flag }) => flag as string)),
    );
    const gone = flagsIn(line).filter(({ flag, value }) => {
      // Levels mean something else there.
      if (levelFlags.has(flag)) return true;
      if (flag === 'topology') return !modeHas(mode, 'topology');
      if (flag === 'option' || flag === 'o') return !names.has(value.split('=')[0] ?? '');
      return others.has(flag) && !flags.has(flag);
    });
    const rest = cutOut(line, gone);
    const said = modePattern.exec(rest);
    this.#lines[at] =
      said === null
        ? rest.replace(/^(\s*cluster\s+up)/, `$1 --mode ${mode}`)
        : rest.replace(modePattern, `$1${mode}`);
    if (gone.length > 0) {
      const left = gone.flatMap(({ spots }) => spots.map((spot) => spot.text)).join(' ');
      this.#note(at, `for mode ${mode} without \`${left}\``);
    }
  }

  /** Empty: nothing is left of it. */
  #without(text: string, why: string): string {
    const [, message] = /has no message "([\w-]+)"/.exec(why) ?? [];
    const types = flagsIn(text).find(({ flag }) => flag === 'type');
    if (message !== undefined && types !== undefined) {
      const others = types.value.split(',').filter((each) => each !== message);
      return others.length === 0 ? '' : text.replace(types.value, others.join(','));
    }
    const levels = flagsIn(text).filter(({ flag }) => levelFlags.has(flag));
    return levels.length === 0 ? '' : cutOut(text, levels);
  }

  /** With the steps of a transaction. */
  #leaveOut(at: number): void {
    const isBlock = /^\s*(?:(?:try|expect)\s+)?txn\b/.test(this.#lines[at] ?? '');
    for (let next = at; next < this.#lines.length; next++) {
      const line = this.#lines[next] ?? '';
      this.#lines[next] = `# ${line}`;
      if (!isBlock || /^\s*end\b/.test(line)) return;
    }
  }

  #note(at: number, message: string): void {
    this.changed.push({ line: at + 1, column: 1, message });
  }
}

const withoutComment = (line: string): string => line.replace(/(^|\s)#.*$/, '');
const isUp = (line: string): boolean => /^\s*cluster\s+up\b/.test(line);
const modePattern = /(--mode[=\s]+|-m\s*)\S+/;

const modeOf = (line: string): string =>
  /(?:--mode[=\s]+|-m\s*)(\S+)/.exec(line)?.[1] ?? defaultModeName;

/** The script goes on where it fails. */
const trying = (text: string): string | null =>
  beforeTry.test(text) ? text.replace(beforeTry, '$&try ') : null;

interface FlagSaid {
  readonly flag: string;
  readonly value: string;
  readonly spots: readonly Spot[];
}

/** `--read one`, `--read=one`, `-o name=value`. */
function flagsIn(line: string): FlagSaid[] {
  const words = [...withoutComment(line).matchAll(/"[^"]*"|\S+/g)].map(
    ({ 0: text, index: start }): Spot => ({ text, start }),
  );
  return words.flatMap((word, at): FlagSaid[] => {
    const [, flag, own] = /^--?([a-z][\w-]*)(?:=(.*))?$/.exec(word.text) ?? [];
    const next = words[at + 1];
    if (flag === undefined) return [];
    if (own !== undefined) return [{ flag, value: own, spots: [word] }];
    if (next === undefined || next.text.startsWith('-'))
      return [{ flag, value: '', spots: [word] }];
    return [{ flag, value: next.text, spots: [word, next] }];
  });
}

function cutOut(line: string, flags: readonly FlagSaid[]): string {
  let text = line;
  for (const { start, text: word } of flags.flatMap(({ spots }) => spots).toReversed()) {
    text = text.slice(0, start).trimEnd() + text.slice(start + word.length);
  }
  return text;
}
