/**
 * A failure of a simulated run becomes a scenario of a few lines that fails alike.
 *
 * The run is reduced (`reduce.ts`), and what its clients asked and what was broken is written down as a scenario, in the order of its time. That is a run of its own: it
 * does not repeat the failed one event by event but is searched, under seeds and with less and less in it, for what fails in the
 * same way. With a planted bug what is found must also be right without it.
 */
import { modelNames } from '../check/models.js';
import type { Millis, NodeId } from '../core/ids.js';
import { SeededRandom } from '../core/random.js';
import { simulatedNodes } from '../explore/drawn-run.js';
import type { Violation } from '../explore/invariants.js';
import type { SimulateOptions, SimulationReport } from '../explore/simulate.js';
import { attempt, programOf } from './attempt.js';
import { ddmin } from './ddmin.js';
import { drawSmall } from './draw.js';
import { reduceRun } from './reduce.js';
import type { ShrinkBudget } from './shrink-budget.js';
import { simpler } from './simplify.js';
import { type Sketch, type SketchStep, sketchText } from './sketch.js';
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

/** Of a scenario of FILE, as it is saved. */
export const replayOf = (file: string, seed: number, bug: string | undefined): string =>
  `kvx run ${file} --runtime sim --seed ${seed}${bug === undefined ? '' : ` --bug ${bug}`}`;

/** `null`: within the budget no scenario was found that fails alike. */
export async function shrinkFailure(
  options: Pick<SimulateOptions, 'mode' | 'bug'>,
  failed: SimulationReport,
  budget: ShrinkBudget,
): Promise<ShrunkFailure | null> {
  const { report } = await reduceRun(options, failed, { ...budget, forMs: budget.forMs / 4 });
  const search = new Search(options.bug, budget);
  for (const way of waysToFail(report.violations, simulatedNodes(report.drawn.nodes))) {
    const sketch = sketchOf({ mode: options.mode, ...report }, way.end);
    const key = report.violations.find((violation) => violation.key !== null)?.key ?? null;
    search.way = way;
    const found = await search.first(
      key === null ? [sketch] : [aboutKey(sketch, key), sketch],
      report.drawn.nodes,
    );
    if (found === null) continue;
    await search.shrink(found);
    return search.result();
  }
  return null;
}

/** What a scenario ends with that fails as the run did, and which failures are like it. */
interface WayToFail {
  readonly end: readonly string[];
  isAlike(sentence: string): boolean;
}

function waysToFail(violations: readonly Violation[], nodes: readonly NodeId[]): WayToFail[] {
  const checks = new Set(violations.map(({ check }) => check));
  const model = modelNames.find((name) => checks.has(name));
  const ways: WayToFail[] = [];
  if (model !== undefined) {
    ways.push({
      end: [`expect history ${model}`],
      isAlike: (said) => said.startsWith('violated: '),
    });
  } else {
    ways.push({
      end: ['expect history as promised'],
      isAlike: (said) => said.startsWith('violated: '),
    });
  }
  if (checks.has('crash-only')) {
    ways.unshift({ end: ['wait 1s'], isAlike: (said) => said.startsWith('crash-only') });
  }
  // What clients need not have noticed, replicas may show: once all is mended they must agree.
  const mended = ['try fault heal', `try node restart ${nodes.join(' ')}`];
  ways.push({
    end: [...mended, 'expect within 10s verify agree'],
    isAlike: (said) => said.startsWith('differ'),
  });
  return ways;
}

function aboutKey(sketch: Sketch, key: string): Sketch {
  const isAbout = ({ client, words, lines }: SketchStep): boolean =>
    client === null || words[1] === key || lines.some((line) => line.split(' ')[1] === key);
  return { ...sketch, steps: sketch.steps.filter(isAbout) };
}

/** So many seeds a candidate is tried under before it is given up. */
const seedsMax = 25;
/** The whole run is tried so often, and between two times so many small parts of it. */
const firstSeedsMax = 40;
const smallAttempts = 30;
const seedMax = 1000;

interface Found {
  readonly text: string;
  readonly seed: number;
  readonly sentence: string;
}

class Search {
  way: WayToFail = { end: [], isAlike: () => false };
  #best: Found | null = null;
  #runs = 0;
  readonly #bug: string | undefined;
  readonly #budget: ShrinkBudget;
  readonly #endAt: Millis;

  constructor(bug: string | undefined, budget: ShrinkBudget) {
    this.#bug = bug;
    this.#budget = budget;
    this.#endAt = budget.now() + budget.forMs;
  }

  get #isOver(): boolean {
    return this.#budget.now() >= this.#endAt;
  }

  /** The first that fails of these sketches as they are, and of small ones drawn from them. */
  async first(sketches: readonly Sketch[], nodes: number): Promise<Sketch | null> {
    const giveUpAt = this.#budget.now() + this.#budget.forMs / 3;
    const variants = sketches.flatMap((sketch) => [sketch, withoutFlag(sketch, '--node')]);
    const random = new SeededRandom(1);
    for (let seed = 1; this.#budget.now() < giveUpAt; seed++) {
      const variant = random.pick(variants);
      if (seed <= firstSeedsMax && (await this.#fails(sketchText(variant), [seed]))) return variant;
      for (let nth = 0; nth < smallAttempts; nth++) {
        const small = drawSmall(variant, nodes, random);
        if (await this.#fails(sketchText(small), [random.below(seedMax)])) return small;
      }
    }
    return null;
  }

  /** Less and less, until nothing less fails. */
  async shrink(first: Sketch): Promise<void> {
    let sketch = await this.#plainer(first);
    for (;;) {
      const before = sketch.steps.length;
      const from = sketch;
      const steps = await ddmin(sketch.steps, (some) =>
        this.#sketchFails({ ...from, steps: some }),
      );
      sketch = await this.#plainer({ ...sketch, steps });
      if (sketch.steps.length === before || this.#isOver) break;
    }
    for (let isSmaller = true; isSmaller && !this.#isOver; ) {
      isSmaller = false;
      const { text } = this.#best as Found;
      for (const lines of simpler(text.trimEnd().split('\n'))) {
        if (this.#isOver) return;
        if (!(await this.#fails(`${lines.join('\n')}\n`))) continue;
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

  /** The same steps, told more plainly. */
  async #plainer(sketch: Sketch): Promise<Sketch> {
    let plain = sketch;
    for (const change of [
      { isInTurn: true, waits: false },
      { isInTurn: true },
      { waits: false },
      { isAnonymous: true, sessions: new Map() },
    ]) {
      const candidate = { ...plain, ...change };
      if (sketchText(candidate) !== sketchText(plain) && (await this.#sketchFails(candidate)))
        plain = candidate;
    }
    for (const flag of ['--node', '--timeout', '--level']) {
      const candidate = withoutFlag(plain, flag);
      if (sketchText(candidate) !== sketchText(plain) && (await this.#sketchFails(candidate)))
        plain = candidate;
    }
    return plain;
  }

  #sketchFails = (sketch: Sketch): Promise<boolean> => this.#fails(sketchText(sketch));

  /** Under the seed that the best fails under, or one of some others. Then it is the best. */
  async #fails(text: string, seeds?: readonly number[]): Promise<boolean> {
    const program = programOf(text);
    if (program === null || this.#isOver) return false;
    const last = this.#best?.seed ?? 1;
    const tried = seeds ?? [last, ...Array.from({ length: seedsMax }, (_, at) => at + 1)];
    for (const seed of tried) {
      if (this.#isOver) return false;
      const how = { seed, bug: this.#bug, afterPromises: this.#budget.afterPromises };
      const sentence = await attempt(program, how);
      this.#runs++;
      this.#budget.says?.(this.#best === null ? null : linesIn(this.#best.text), this.#runs);
      if (sentence === null || !this.way.isAlike(sentence)) continue;
      if (this.#bug !== undefined && (await attempt(program, { ...how, bug: undefined })) !== null)
        continue;
      this.#best = { text, seed, sentence };
      return true;
    }
    return false;
  }
}

function withoutFlag(sketch: Sketch, name: string): Sketch {
  const steps = sketch.steps.map((step) => ({
    ...step,
    flags: step.flags.filter(([flag]) => flag !== name),
  }));
  return { ...sketch, steps };
}

const linesIn = (text: string): number =>
  text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#')).length;
