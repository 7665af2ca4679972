/** What `kvx sim` is to run: from its flags to options of simulations. */
import { availableParallelism } from 'node:os';
import { isAbsolute, relative } from 'node:path';
import { toDuration } from '../../config/duration.js';
import { usageError } from '../../core/errors.js';
import type { Millis } from '../../core/ids.js';
import { quoted } from '../../core/show.js';
import { unknownWord } from '../../core/suggest.js';
import { swarmProfileOf } from '../../explore/profiles.js';
import type { SimulateOptions } from '../../explore/simulate.js';
import { type FaultName, faultNames } from '../../faults/fault.js';
import {
  checkNemesis,
  everything,
  type NemesisName,
  nemeses,
  nemesisNames,
} from '../../faults/nemeses.js';
import { seedsDefault } from '../../operations/sim-program.js';
import { settingsOfFlag } from '../../operations/spec-flags.js';
import { modeNames, profileOf } from '../../protocols/catalog.js';
import { featureProblem } from '../../protocols/refusals.js';
import { modeNamed } from '../../protocols/registry.js';
import type { OrderName } from '../../sim/event-order.js';
import { bugNamed, modeWithBug } from '../../zoo/bugs.js';
import { specFromFlags, toSeeds } from '../scripts/script-flags.js';
import { cellNamed } from './cells.js';

export interface SimFlags {
  readonly mode?: readonly string[];
  readonly nodes?: number;
  readonly seeds?: string;
  readonly seed?: number;
  readonly for?: string;
  readonly faults?: readonly string[];
  readonly nemesis?: readonly string[];
  readonly focus?: string;
  readonly order?: OrderName;
  readonly bug?: string;
  readonly option?: readonly string[];
  readonly threads?: number;
  readonly out?: string;
  /** The first failure of each mode, although nobody may look on. */
  readonly shrink?: boolean;
  readonly 'no-shrink'?: boolean;
  readonly coverage: boolean;
  readonly report?: string;
  /** Each bug in turn. */
  readonly zoo: boolean;
  readonly json: boolean;
}

/** One mode's runs, but for the seed. */
export interface ModePlan {
  readonly mode: string;
  readonly options: Omit<SimulateOptions, 'seed'>;
}

export interface SimPlan {
  readonly modes: readonly ModePlan[];
  /** `null`: one after another from `firstSeed` on. */
  readonly seeds: readonly number[] | null;
  readonly firstSeed: number;
  /** For how long seeds are begun. */
  readonly forMs: Millis;
  readonly threads: number;
  /** One seed, of which all is told. */
  readonly isOne: boolean;
}

/** Throws `bad-request` (definite) for what can't be meant. */
export async function planSim(flags: SimFlags): Promise<SimPlan> {
  const ways = [flags.seeds, flags.seed, flags.for].filter((each) => each !== undefined);
  if (ways.length > 1) throw usageError('--seeds, --seed and --for: one of them is enough');
  const modes = await Promise.all(modesOf(flags).map((mode) => modePlanOf(mode, flags)));
  const { seed, for: time, threads = availableParallelism() } = flags;
  const isOne = seed !== undefined;
  const some = isOne ? [seed] : toSeeds(flags.seeds ?? seedsDefault);
  const firstSeed = time === undefined ? (some[0] as number) : Math.floor(2 ** 31 * Math.random());
  const forMs = time === undefined ? Number.POSITIVE_INFINITY : toDuration(time, '--for');
  return { modes, seeds: time === undefined ? some : null, firstSeed, forMs, threads, isOne };
}

/** Each seed in every mode, as long as time is left. */
export function* jobsOf({ modes, seeds, firstSeed, forMs }: SimPlan): Generator<SimulateOptions> {
  const untilMs = performance.now() + forMs;
  for (let nth = 0; nth < (seeds?.length ?? Number.POSITIVE_INFINITY); nth++) {
    for (const { options } of modes) {
      if (performance.now() > untilMs) return;
      yield { ...options, seed: seeds?.[nth] ?? firstSeed + nth };
    }
  }
}

/** A module below the working folder as it is seen from there. */
function modeWord(id: string): string {
  const near = relative(process.cwd(), id);
  return quoted(!isAbsolute(id) || near.startsWith('..') ? id : `./${near}`);
}

export function seedReplayOf(mode: string, seed: number, flags: SimFlags): string {
  const { nodes, faults, nemesis, focus, order, option, bug } = flags;
  return [
    `kvx sim --mode ${modeWord(mode)} --seed ${seed}`,
    ...(bug === undefined ? [] : [`--bug ${bug}`]),
    ...(nodes === undefined ? [] : [`-n ${nodes}`]),
    ...(faults === undefined ? [] : [`--faults ${faultsOf(faults).join().replaceAll(' ', '-')}`]),
    ...(nemesis === undefined ? [] : [`--nemesis ${nemesis.join()}`]),
    ...(focus === undefined ? [] : [`--focus '${focus}'`]),
    ...(order === undefined ? [] : [`--order ${order}`]),
    ...(option ?? []).map((each) => `-o ${each}`),
  ].join(' ');
}

function modesOf({ mode, bug, focus }: SimFlags): readonly string[] {
  const named = mode?.map((each) => profileOf(each).id);
  if (named === undefined && bug === undefined && focus !== undefined)
    return [cellNamed(focus).mode];
  return [...new Set(named ?? (bug === undefined ? modeNames : [bugNamed(bug).mode]))];
}

async function modePlanOf(mode: string, flags: SimFlags): Promise<ModePlan> {
  const { nodes, faults, nemesis, focus, order, option = [], bug } = flags;
  modeWithBug(modeNamed(mode), bug);
  const { nodesMin } = swarmProfileOf(mode);
  if (nodes !== undefined && nodes < nodesMin) {
    throw usageError(
      `mode ${profileOf(mode).name} is simulated with ${nodesMin} nodes at least, not ${nodes}`,
    );
  }
  const options = {
    ...{ mode, bug },
    ...(nodes === undefined ? {} : { nodes }),
    ...(faults === undefined ? {} : { faults: faultsOf(faults) }),
    ...(nemesis === undefined ? {} : { nemesis: nemesesOf(mode, nemesis) }),
    ...(focus === undefined ? {} : { focus: cellNamed(focus, [mode]).focus }),
    ...(order === undefined ? {} : { order }),
    ...(option.length === 0 ? {} : { modeOptions: await modeOptionsOf(mode, option, nodes) }),
  };
  return { mode, options };
}

/** Of a cluster with these settings, those that were given. */
async function modeOptionsOf(mode: string, option: readonly string[], nodes = 4) {
  const known = profileOf(mode).options;
  const names = settingsOfFlag('option', option, { source: '--option' }).map(({ name }) => {
    const named = known.find((each) => each.name === name || each.flag === name);
    if (named !== undefined) return named.name;
    const all = known.map((each) => each.name);
    const there = `mode ${profileOf(mode).name} has no option`;
    throw unknownWord(there, name, all, `It has ${all.join(', ')}.`);
  });
  const { options } = await specFromFlags({ mode, nodes: String(nodes), option }, true);
  return Object.fromEntries(names.map((name) => [name, options[name]]));
}

/** Those that the mode has something for. */
function nemesesOf(mode: string, words: readonly string[]): readonly NemesisName[] {
  for (const word of words) checkNemesis(word);
  const lackOf = (name: NemesisName): string | null => {
    const { feature } = nemeses[name];
    return feature === undefined ? null : featureProblem(profileOf(mode), feature);
  };
  const named = nemesisNames.filter((name) => words.includes(name));
  const all = words.includes(everything) ? nemesisNames : named;
  const lacks = all.flatMap((name) => lackOf(name) ?? []);
  if (lacks[0] !== undefined && lacks.length === all.length) throw usageError(lacks[0]);
  return all.filter((name) => lackOf(name) === null);
}

/** Blanks may be hyphens. */
function faultsOf(words: readonly string[]): readonly FaultName[] {
  if (words.length === 1 && words[0] === 'none') return [];
  return words.map((word) => {
    const plain = (name: string) => name.replaceAll('-', ' ');
    const fault = faultNames.find((name) => plain(name) === plain(word));
    if (fault !== undefined) return fault;
    const hint = `Kinds of fault: ${faultNames.join(', ')}.`;
    throw unknownWord('there is no fault', word, faultNames, hint);
  });
}
