/**
 * A failed run is reduced by its decisions: it is run again under its seed, with less and less of what its clients asked and
 * of what was broken, as long as it fails alike. Chance does not depend on what else there is (`sim/chance.ts`), so that what
 * remains meets what it met before. With a planted bug each such run must also be right without it.
 */
import { modelNames } from '../check/models.js';
import type { Millis } from '../core/ids.js';
import { pushTo } from '../core/lookup.js';
import type { RunDecisions, RunPhases } from '../explore/decisions.js';
import { simulatedNodes } from '../explore/drawn-run.js';
import type { Violation } from '../explore/invariants.js';
import { type SimulateOptions, type SimulationReport, simulate } from '../explore/simulate.js';
import type { Fault } from '../faults/fault.js';
import { fairConditions } from '../sim/network.js';
import { ddmin } from './ddmin.js';
import { inOnePhase, onFewerNodes, quickened, simplerFaults, simplerOperations } from './lesser.js';
import type { ShrinkBudget } from './shrink-budget.js';
import { madeSurer } from './surer.js';

export interface ReducedRun {
  /** They give the report. */
  readonly options: SimulateOptions;
  readonly report: SimulationReport;
  readonly runs: number;
}

/** Looked for all the time, not in the end: the run can stop there. */
const seenAtOnce: readonly string[] = [
  ...['decision', 'crash-only', 'copies', 'liveness', 'convergence', 'stabilize'],
];

/** Best seen first: what clients notice before what only nodes show. */
const checksBySight: readonly string[] = [
  ...['decision', ...modelNames],
  ...['reads', 'crash-only', 'unique versions', 'lost write', 'copies'],
];

/** What a reduced run must violate, of all that it did. */
function mainCheck(violations: readonly Violation[]): string {
  const checks = violations.map(({ check }) => check);
  return checksBySight.find((check) => checks.includes(check)) ?? checks[0] ?? '';
}

/** As far as the budget reaches. A run that does not fail alike when it is repeated stays as it is. */
export async function reduceRun(
  { mode, bug }: Pick<SimulateOptions, 'mode' | 'bug'>,
  report: SimulationReport,
  budget: ShrinkBudget,
): Promise<ReducedRun> {
  const { seed, drawn, decisions, phases } = report;
  const { nodes, modeOptions, conditions, workload, order } = drawn;
  const check = mainCheck(report.violations);
  const options = {
    ...{ mode, bug, seed, nodes, modeOptions, conditions, workload, decisions, phases },
    ...(seenAtOnce.includes(check) ? { stopsAt: check } : {}),
    ...{ order: order.by, encodes: false },
  };
  const reduction = new Reduction(check, options, report, budget);
  await reduction.run();
  return reduction.best;
}

type Tried = SimulateOptions & {
  readonly nodes: number;
  readonly decisions: RunDecisions;
  readonly phases: RunPhases;
};

/** What is not quiet after so long never will be: less is tried first. */
const patiencesMs: readonly Millis[] = [1_000, 4_000];
/** All links and disks alike, and events in the order that delays give: as it is where scenarios run. */
const plain = { uneven: false, conditions: fairConditions, order: 'delay' } as const;
/** They are tried there. */
const plainSeeds = Array.from({ length: 20 }, (_, nth) => nth + 1);
const quicker = [1, 0.3, 0.1, 0.03];
/** The same with other orders: more can happen there, and from there it is not far. */
const disordered = { ...plain, order: 'pos' } as const;
/** All of these should fail in the end, under a seed each. */
const sureWorlds = [plain, plain, plain, plain, plain, plain, disordered, disordered];

class Reduction {
  #options: Tried;
  #report: SimulationReport;
  #runs = 0;
  /** How often something less failed alike. */
  #steps = 0;
  readonly #check: string;
  readonly #budget: ShrinkBudget;
  readonly #endAt: Millis;

  constructor(check: string, options: Tried, report: SimulationReport, budget: ShrinkBudget) {
    this.#check = check;
    this.#options = options;
    this.#report = report;
    this.#budget = budget;
    this.#endAt = budget.now() + budget.forMs;
  }

  get best(): ReducedRun {
    return { options: this.#options, report: this.#report, runs: this.#runs };
  }

  async run(): Promise<void> {
    if (!(await this.#failsWith({}))) return;
    await this.#fewerPhases();
    await this.#cutOff();
    await this.#fewerClients();
    await this.#fewerFaults();
    await this.#aboutOneKey();
    await this.#fewerOperations();
    await this.#untilNothingIsLess();
    await this.#surer();
  }

  async #untilNothingIsLess(): Promise<void> {
    for (let before = -1; before !== this.#steps && !this.#isOver; ) {
      before = this.#steps;
      await this.#fewerFaults();
      await this.#plain();
      await this.#fewerNodes();
      await this.#simpler('faults', simplerFaults);
      await this.#simpler('operations', simplerOperations);
      await this.#fewerOperations();
      await this.#shorter();
    }
  }

  get #isOver(): boolean {
    return this.#budget.now() >= this.#endAt;
  }

  get #decisions(): RunDecisions {
    return this.#options.decisions;
  }

  /** Nothing but what clients do while faults come and go, and what is found in the end. */
  async #fewerPhases(): Promise<void> {
    for (const patienceMs of this.#check === 'convergence' ? patiencesMs : []) {
      if (await this.#failsWithPhases({ patienceMs })) break;
    }
    const one = inOnePhase(this.#report);
    for (const settles of [false, true]) {
      const phases = { ...this.#options.phases, ...one.phases, settles };
      if (await this.#failsWith({ ...one, phases })) return;
    }
    const { durationMs, ...fewer } = one.phases;
    for (const [name, value] of Object.entries({ ...fewer, settles: false })) {
      if (this.#options.phases[name as keyof RunPhases] === value) continue;
      await this.#failsWithPhases({ [name]: value });
    }
  }

  /** What comes after the failure did not bring it about. */
  async #cutOff(): Promise<void> {
    const { virtualMs } = this.#report;
    const isBefore = ({ atMs }: { readonly atMs: Millis }): boolean => atMs <= virtualMs;
    const { operations, faults } = this.#decisions;
    await this.#failsWithout({
      operations: operations.filter(isBefore),
      faults: faults.filter(isBefore),
    });
  }

  async #fewerClients(): Promise<void> {
    const { operations } = this.#decisions;
    const clients = [...new Set(operations.map(({ client }) => client))];
    await ddmin(clients, (some) =>
      this.#failsWithout({ operations: operations.filter(({ client }) => some.includes(client)) }),
    );
  }

  async #aboutOneKey(): Promise<void> {
    const found = this.#report.violations.find(({ check }) => check === this.#check);
    const key = found?.key ?? null;
    if (key === null) return;
    const operations = this.#decisions.operations.filter(({ operation }) =>
      operation.type === 'txn'
        ? operation.steps.some((step) => step.key === key)
        : operation.key === key,
    );
    await this.#failsWithout({ operations });
  }

  /** First those drawn together, then each by itself. */
  async #fewerFaults(): Promise<void> {
    const groups = new Map<object, Fault[]>();
    for (const fault of this.#decisions.faults) {
      pushTo(groups, fault.drawn ?? fault, fault);
    }
    if (groups.size < this.#decisions.faults.length) {
      await ddmin([...groups.values()], (some) => this.#failsWithout({ faults: some.flat() }));
    }
    await ddmin(this.#decisions.faults, (faults) => this.#failsWithout({ faults }));
  }

  async #fewerOperations(): Promise<void> {
    await ddmin(this.#decisions.operations, (operations) => this.#failsWithout({ operations }));
  }

  /** What an odd order made late happens faster there. */
  async #plain(): Promise<void> {
    const { seed, uneven, order } = this.#options;
    for (const world of uneven === false ? [plain] : [plain, disordered]) {
      if (uneven === false && order === world.order) return;
      for (const factor of quicker) {
        const decisions = factor === 1 ? this.#decisions : quickened(this.#decisions, factor);
        for (const other of [seed, ...plainSeeds]) {
          if (await this.#failsWith({ ...world, decisions, seed: other })) return;
        }
      }
    }
  }

  /** Which of them are left matters less than chance: other seeds are tried, too. */
  async #fewerNodes(): Promise<void> {
    for (const node of simulatedNodes(this.#options.nodes).reverse()) {
      const { decisions, nodes, seed, uneven } = this.#options;
      if (nodes <= 2) return;
      const fewer = { nodes: nodes - 1, decisions: onFewerNodes(decisions, node, nodes) };
      for (const other of uneven === false ? [seed, ...plainSeeds] : [seed]) {
        if (await this.#failsWith({ ...fewer, seed: other })) break;
      }
    }
  }

  /** Each of them in its simplest form that still fails. */
  async #simpler<K extends keyof RunDecisions>(
    kind: K,
    simplerOf: (one: RunDecisions[K][number]) => readonly RunDecisions[K][number][],
  ): Promise<void> {
    for (let at = 0; at < this.#decisions[kind].length; at++) {
      for (let before = -1; before !== this.#steps && !this.#isOver; ) {
        before = this.#steps;
        const all: readonly RunDecisions[K][number][] = this.#decisions[kind];
        for (const one of simplerOf(all[at] as RunDecisions[K][number])) {
          if (await this.#failsWithout({ [kind]: all.with(at, one) })) break;
        }
      }
    }
  }

  /** It ends when nothing more is asked or broken. */
  async #shorter(): Promise<void> {
    const durationMs = this.#endOf(this.#decisions);
    if (durationMs < this.#options.phases.durationMs) await this.#failsWithPhases({ durationMs });
  }

  #endOf({ operations, faults }: RunDecisions): Millis {
    const { clientTimeoutMs } = this.#report.drawn.workload;
    const asked = operations.map(({ atMs }) => atMs + clientTimeoutMs);
    return Math.max(1, ...asked, ...faults.map(({ atMs, forMs }) => atMs + forMs + 1));
  }

  /** Whatever chance brings where scenarios run. */
  async #surer(): Promise<void> {
    const optionsOf = (decisions: RunDecisions, nth: number): Tried => {
      const { phases } = this.#options;
      const durationMs = Math.max(phases.durationMs, this.#endOf(decisions));
      const world = { ...sureWorlds[nth], seed: nth + 1 };
      return { ...this.#options, ...world, decisions, phases: { ...phases, durationMs } };
    };
    const hitsOf = async (decisions: RunDecisions, least: number): Promise<number> => {
      let hits = 0;
      for (let nth = 0; nth < sureWorlds.length && hits + sureWorlds.length - nth > least; nth++) {
        if ((await this.#failed(optionsOf(decisions, nth))) !== null) hits++;
      }
      return hits;
    };
    const { nodes } = this.#options;
    const surest = await madeSurer(this.#decisions, nodes, hitsOf, sureWorlds.length);
    for (const nth of sureWorlds.keys()) {
      if (await this.#failsWith(optionsOf(surest, nth))) return;
    }
  }

  #failsWithPhases(phases: Partial<RunPhases>): Promise<boolean> {
    return this.#failsWith({ phases: { ...this.#options.phases, ...phases } });
  }

  #failsWithout(decisions: Partial<RunDecisions>): Promise<boolean> {
    return this.#failsWith({ decisions: { ...this.#decisions, ...decisions } });
  }

  /** Then it is the best. */
  async #failsWith(change: Partial<Tried>): Promise<boolean> {
    const options = { ...this.#options, ...change };
    const report = await this.#failed(options);
    if (report === null) return false;
    this.#options = options;
    this.#report = report;
    this.#steps++;
    return true;
  }

  /** `null`: it does not fail alike, or also without the bug, or there is no time left to see. */
  async #failed(options: Tried): Promise<SimulationReport | null> {
    if (this.#isOver) return null;
    await new Promise<void>((resolve) => this.#budget.afterPromises(resolve));
    this.#runs++;
    this.#budget.says?.(null, this.#runs);
    const report = reportOf(options);
    if (!report?.violations.some(({ check }) => check === this.#check)) return null;
    const { bug, ...without } = options;
    return bug === undefined || reportOf(without)?.violations.length === 0 ? report : null;
  }
}

/** `null`: there is no such run, such as one with fewer nodes than replicas. */
function reportOf(options: SimulateOptions): SimulationReport | null {
  try {
    return simulate(options);
  } catch {
    return null;
  }
}
