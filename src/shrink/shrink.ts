/**
 * A failure of a simulated run becomes a scenario of a few lines that fails alike.
 *
 * The run is reduced (`reduce.ts`). What remains is told as a scenario, which is a run of its own: it does not repeat the failed
 * one event by event. So it is searched for: small scenarios are drawn from what remains and from what the whole run was made of,
 * and run under some seed. With a planted bug each runs without it, too: it must be right then, and where clients were answered
 * differently, but nothing failed, others are drawn that differ a little. The first that fails is made smaller line by line.
 */
import type { Millis } from '../core/ids.js';
import { SeededRandom } from '../core/random.js';
import { quoted } from '../core/show.js';
import type { SimulateOptions, SimulationReport } from '../explore/simulate.js';
import { attempt, attemptFully, type Failed, programOf } from './attempt.js';
import { Drawing } from './draw.js';
import { ingredientsOf } from './ingredients.js';
import { differenceOf, type NearMiss, Pool } from './pool.js';
import { reduceRun } from './reduce.js';
import type { ShrinkBudget } from './shrink-budget.js';
import { simpler } from './simplify.js';
import type { Sketch } from './sketch.js';
import { linesOfSmall, type SmallLines } from './small.js';
import { sketchOf } from './translate.js';

export interface ShrunkFailure {
  /** With the checker's sentence as its first comment, and how to run it as its last. */
  readonly scenario: string;
  readonly seed: number;
  /** Comments not counted. */
  readonly lines: number;
  /** What the checker said of it. */
  readonly sentence: string;
  readonly runs: number;
}

/** Of a scenario of FILE, as it is saved: after `kvx`. */
export const replayWords = (file: string, seed: number, bug: string | undefined): string[] => [
  ...['run', file, '--runtime', 'sim', '--seed', `${seed}`],
  ...(bug === undefined ? [] : ['--bug', bug]),
];

export const replayOf = (...run: Parameters<typeof replayWords>): string =>
  ['kvx', ...replayWords(...run)].map(quoted).join(' ');

/** `null`: within the budget no scenario was found that fails alike. */
export async function shrinkFailure(
  options: Pick<SimulateOptions, 'mode' | 'bug'>,
  report: SimulationReport,
  budget: ShrinkBudget,
): Promise<ShrunkFailure | null> {
  const search = new Search(options, report, budget);
  const forMs = budget.forMs * reducing;
  const reduced = await reduceRun(options, report, { ...budget, forMs });
  await search.among(reduced.report);
  return search.result();
}

/** The share of the budget in which the run is reduced. */
const reducing = 0.25;
/** So many are what is left of the run, so many differ a little from it, so many are drawn anew; the others come near. */
const shares = { whole: 0.15, altered: 0.4, fresh: 0.6 };
/** Found so short, it is looked for no longer. */
const linesWanted = 12;
/** So many seeds a candidate is tried under before it is given up. */
const seedsMax = 8;
const seedMax = 1000;
const fails = Symbol('fails');

interface Found {
  readonly text: string;
  readonly seed: number;
  readonly sentence: string;
}

class Search {
  #best: Found | null = null;
  #now: Found | null = null;
  #runs = 0;
  readonly #mode: string;
  readonly #bug: string | undefined;
  readonly #failed: SimulationReport;
  readonly #random = new SeededRandom(1);
  readonly #pool = new Pool(this.#random);
  readonly #budget: ShrinkBudget;
  readonly #endAt: Millis;

  constructor(
    { mode, bug }: Pick<SimulateOptions, 'mode' | 'bug'>,
    failed: SimulationReport,
    budget: ShrinkBudget,
  ) {
    this.#mode = mode;
    this.#bug = bug;
    this.#failed = failed;
    this.#budget = budget;
    this.#endAt = budget.now() + budget.forMs;
  }

  get #isOver(): boolean {
    return this.#budget.now() >= this.#endAt;
  }

  /** Among small scenarios drawn from the run that failed, and from what is left of it. */
  async among(reduced: SimulationReport): Promise<void> {
    const sketches = [this.#failed, reduced].map((each) =>
      sketchOf({ mode: this.#mode, ...each }, []),
    ) as [Sketch, Sketch];
    const all = ingredientsOf(...sketches, this.#failed, reduced);
    // What was acknowledged may be overwritten by older clocks: only a run without the bug tells whether it may be.
    const isPlanted = this.#bug !== undefined;
    const from = {
      ...all,
      losesWrites: all.losesWrites && isPlanted,
      // Where a run without the bug tells what came near, there is no need to know the story.
      hasRivals: all.hasRivals && !isPlanted,
    };
    const drawing = new Drawing(from, this.#random);
    while (this.lines > linesWanted && !this.#isOver) {
      const drawn = this.#drawn(drawing);
      const near = await this.#tries(linesOfSmall(drawn.small, from.guarantees), drawn.seed);
      if (near === fails) await this.#shrink();
      else if (near !== null) this.#pool.add(drawn, near);
    }
  }

  #drawn(drawing: Drawing): NearMiss {
    const random = this.#random;
    const [roll, seed] = [random.next(), random.below(seedMax)];
    if (roll < shares.whole) return { small: drawing.whole(), seed };
    const parent = roll < shares.fresh ? null : this.#pool.pick();
    if (parent === null) {
      const small =
        roll < shares.altered ? drawing.altered(drawing.whole(), drawing.fresh()) : drawing.fresh();
      return { small, seed };
    }
    const { small } = this.#pool.pick() ?? parent;
    const altered = drawing.altered(parent.small, small);
    return { small: altered, seed: random.chance(0.7) ? parent.seed : seed };
  }

  get lines(): number {
    return this.#best === null ? Number.POSITIVE_INFINITY : linesIn(this.#best.text);
  }

  /** Runs it to the first of its ends that it does not stand, under this seed. */
  async #tries({ lines, ends }: SmallLines, seed: number): Promise<typeof fails | string | null> {
    const program = programOf([...lines, ...ends.flat()].join('\n'));
    if (program === null) return null;
    const how = { seed, bug: this.#bug, afterPromises: this.#budget.afterPromises };
    const made = await attemptFully(program, how);
    this.#runs++;
    const { failed } = made;
    if (this.#bug !== undefined) {
      const right = await attemptFully(program, { ...how, bug: undefined });
      if (failed === null || right.failed !== null) return differenceOf(made, right);
    } else if (failed === null) return null;
    if (!this.#isAlike(failed)) return null;
    const { line } = failed;
    this.#now = null;
    if (line === null) {
      return (await this.#fails(textOf([...lines, 'wait 1s']), [seed])) ? fails : null;
    }
    let before = lines.length;
    const at = ends.findIndex((each) => {
      before += each.length;
      return line <= before;
    });
    const text = textOf([...lines, ...(ends[at] ?? [])]);
    return (await this.#fails(text, [seed, 1, 2, 3])) ? fails : null;
  }

  /** Less and less, until nothing less fails. */
  async #shrink(): Promise<void> {
    for (let isSmaller = true; isSmaller && !this.#isOver; ) {
      isSmaller = false;
      const { text } = this.#now as Found;
      for (const lines of simpler(text.trimEnd().split('\n'))) {
        if (this.#isOver) return;
        if (!(await this.#fails(textOf(lines)))) continue;
        isSmaller = true;
        break;
      }
    }
  }

  result(): ShrunkFailure | null {
    if (this.#best === null) return null;
    const { text, seed, sentence } = this.#best;
    const comment = `# ${replayOf('FILE', seed, this.#bug)}\n`;
    return {
      ...{ scenario: `# ${sentence}\n${text}${comment}`, seed, sentence },
      ...{ lines: linesIn(text), runs: this.#runs },
    };
  }

  /** As it fails with the bug and not without. */
  async #attempt(text: string, seed: number): Promise<Failed | null> {
    const program = programOf(text);
    if (program === null || this.#isOver) return null;
    const how = { seed, bug: this.#bug, afterPromises: this.#budget.afterPromises };
    const failed = await attempt(program, how);
    this.#runs++;
    this.#budget.says?.(this.#best === null ? null : this.lines, this.#runs);
    if (failed === null || !this.#isAlike(failed)) return null;
    if (this.#bug === undefined) return mayBeRight(text, failed) ? null : failed;
    return (await attempt(program, { ...how, bug: undefined })) === null ? failed : null;
  }

  #isAlike({ sentence }: Failed): boolean {
    if (sentence.startsWith('crash-only')) {
      return this.#failed.violations.some(({ check }) => check === 'crash-only');
    }
    return ['violated: ', 'differ', 'unsettled'].some((word) => sentence.startsWith(word));
  }

  /** Under the seed that the best fails under, or one of some others. Then it is what is shrunk. */
  async #fails(text: string, seeds?: readonly number[]): Promise<boolean> {
    const last = this.#now?.seed ?? 1;
    for (const seed of seeds ?? [last, ...Array.from({ length: seedsMax }, (_, at) => at + 1)]) {
      const failed = await this.#attempt(text, seed);
      if (failed === null) continue;
      this.#now = { text, seed, sentence: failed.sentence };
      if (linesIn(text) <= this.lines) this.#best = this.#now;
      return true;
    }
    return false;
  }
}

/** As long as some are cut off, copies differ in any mode. */
export function mayBeRight(text: string, { sentence }: Pick<Failed, 'sentence'>): boolean {
  const [sinceHealed = ''] = text.split('fault heal\n').slice(-1);
  return /^(differ|unsettled)/.test(sentence) && /fault (?!heal)/.test(sinceHealed);
}

const textOf = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

const linesIn = (text: string): number =>
  text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#')).length;
