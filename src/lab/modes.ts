/** One scenario in each mode, beside each other. */
import { catalog, type ModeName, modeHas, modeNames } from '../protocols/catalog.js';
import { type Recorded, type RecordOptions, record } from './record.js';
import type { RunKey, ScenarioProblem } from './recording.js';
import { ScenarioError } from './scenario-error.js';
import { programOfScenario } from './scenario-program.js';

/** `recording` is `null`: in this mode the scenario can't be read. */
export interface ModeRun<Kept> {
  readonly mode: string;
  /** As it was run. */
  readonly scenario: string;
  /** Lines that were left out or changed for this mode, from 1, and why. */
  readonly changed: readonly ScenarioProblem[];
  readonly recording: Kept | null;
  readonly problems: readonly ScenarioProblem[];
}

/** What stands for a command's line: its words, with their places. */
interface Spot {
  readonly text: string;
  /** From 0. */
  readonly start: number;
}

const wordsOf = (line: string): Spot[] =>
  [...line.replace(/(^|\s)#.*$/, '').matchAll(/"[^"]*"|\S+/g)].map(({ 0: text, index: start }) => ({
    ...{ text, start },
  }));

const levelFlags: ReadonlySet<string> = new Set(['read', 'write', 'level']);

/** Without these words, from the first on. */
function without(line: string, spots: readonly Spot[]): string {
  let text = line;
  for (const { start, text: word } of spots.toReversed()) {
    text = text.slice(0, start).trimEnd() + text.slice(start + word.length);
  }
  return text;
}

/** A flag and, where that is a word of its own, its value. */
function flagSpots(words: readonly Spot[], at: number): Spot[] {
  const [flag, value] = [words[at] as Spot, words[at + 1]];
  const hasOwn = flag.text.includes('=') || value === undefined || value.text.startsWith('-');
  return hasOwn ? [flag] : [flag, value];
}

/** The line that starts the cluster, for another mode: without the options that this one does not have. */
function upIn(mode: ModeName, line: string): { readonly line: string; readonly left: string[] } {
  const names = new Set<string>(catalog[mode].options.map(({ name }) => name));
  const flags = new Set<string | undefined>(catalog[mode].options.map(({ flag }) => flag));
  const others = new Set(
    modeNames.flatMap((each) => catalog[each].options.map(({ flag }) => flag as string)),
  );
  const words = wordsOf(line);
  const gone: Spot[] = [];
  let isSaid = false;
  let text = line;
  for (const [at, { text: word }] of words.entries()) {
    const [, flag = ''] = /^--([\w-]+)/.exec(word) ?? [];
    const option = /^(?:-o|--option)$/.test(word) ? (words[at + 1]?.text ?? '') : '';
    const isForeign = others.has(flag) && !flags.has(flag);
    const isOption = option !== '' && !names.has(option.split('=')[0] ?? '');
    const isTopology = flag === 'topology' && !modeHas(mode, 'topology');
    if (isForeign || isOption || isTopology) gone.push(...flagSpots(words, at));
    if (flag === 'mode' || word === '-m') isSaid = true;
  }
  text = without(line, gone).replace(/(--mode[= ]|-m\s*)"?[\w-]+"?/, `$1${mode}`);
  if (!isSaid) text = text.replace(/^(\s*cluster\s+up)/, `$1 --mode ${mode}`);
  return { line: text, left: gone.map((spot) => spot.text) };
}

/** The scenario as it is said in this mode, and what was left out for that. Without `cluster up` it gets one. */
export function scenarioIn(
  mode: ModeName,
  scenario: string,
): { readonly scenario: string; readonly changed: ScenarioProblem[] } {
  const changed: ScenarioProblem[] = [];
  const lines = scenario.split('\n');
  const isUp = (line: string): boolean => /^\s*cluster\s+up\b/.test(line);
  if (!lines.some(isUp)) lines.unshift('cluster up');
  const note = (at: number, left: readonly string[]): void => {
    if (left.length === 0) return;
    const message = `left out in mode ${mode}: ${left.join(' ')}`;
    changed.push({ line: at + 1, column: 1, message });
  };
  for (const [at, line] of lines.entries()) {
    if (!isUp(line)) continue;
    const up = upIn(mode, line);
    lines[at] = up.line;
    note(at, up.left);
  }
  for (const { line: number } of problemsIn(lines.join('\n'))) {
    const line = lines[number - 1] ?? '';
    const words = wordsOf(line);
    const gone = words.flatMap(({ text }, at) => {
      const [, flag = ''] = /^--([\w-]+)/.exec(text) ?? [];
      return levelFlags.has(flag) ? flagSpots(words, at) : [];
    });
    lines[number - 1] = without(line, gone);
    note(
      number - 1,
      gone.map(({ text }) => text),
    );
  }
  return { scenario: lines.join('\n'), changed };
}

function problemsIn(scenario: string): readonly ScenarioProblem[] {
  try {
    programOfScenario(scenario);
    return [];
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems;
    throw error;
  }
}

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
  for (const mode of modeNames) {
    const { scenario, changed } = scenarioIn(mode, key.scenario);
    const problems = problemsIn(scenario);
    const bug = key.bug?.startsWith(`${mode}-`) ? key.bug : null;
    const recording = problems.length > 0 ? null : await record({ ...key, scenario, bug }, options);
    const run = { mode, scenario, changed, recording, problems };
    runs.push(run);
    onMode(run);
  }
  return runs;
}
