import type { TraceEvent } from '../core/trace-event.js';
import { pastOfViolation } from '../trace/around.js';
import { diagramOf } from '../trace/diagram.js';
import { isAbout } from '../trace/keys.js';
import { type KnownEvent, Recall } from '../trace/recall.js';
import { TraceLines, unpainted } from '../trace/text.js';
import { outcomeOf } from './history.js';
import { type SimulateOptions, type SimulationReport, simulate } from './simulate.js';

/**
 * A failed run for a person: what was violated, the one line that replays it, and what the trace says of the first key
 * concerned (the seed is run once more to get the trace).
 */
export function describeFailure(options: SimulateOptions, report: SimulationReport): string {
  const found = report.violations.map(({ check, message }) => `${check}: ${message}`);
  const key = report.violations.find((violation) => violation.key !== null)?.key ?? null;
  const traced = simulate({ ...options, trace: true });
  return [
    `${report.violations.length} violations under seed ${report.seed}`,
    ...found.slice(0, 5),
    `replay: simulate(${JSON.stringify(options)})`,
    describeDrawn(report),
    ...(key === null ? whatLedTo(traced.trace ?? []) : traceOf(key, traced.trace ?? [])),
  ].join('\n');
}

/** Of a key all of it: what it began with may be long ago. */
function traceOf(key: string, events: readonly TraceEvent[]): string[] {
  const recall = new Recall();
  const known = events.map((event) => recall.take(event)).filter((each) => concerns(each, key));
  const lines = new TraceLines({ width: Number.POSITIVE_INFINITY, nodes: [], paint: unpainted });
  const told = known.map((each) => lines.event(each, each.event.atMs).trimEnd());
  return [`the trace of ${key}:`, ...told];
}

function whatLedTo(events: readonly TraceEvent[]): string[] {
  const drawn = diagramOf(pastOfViolation(events), { width: diagramWidth, key: null, whole: true });
  return ['what led to it:', ...drawn];
}

const diagramWidth = 160;

const ofAll: readonly TraceEvent['data']['type'][] = ['start', 'stop', 'fault', 'violation'];

/** An event about one key, or one that concerns all: crashes, faults and the like. */
function concerns(known: KnownEvent, key: string): boolean {
  return ofAll.includes(known.event.data.type) || isAbout(known, key);
}

/** What many runs came to, for a person: did the faults happen, and did the code meant for them run. */
export class Coverage {
  readonly #counts = new Map<string, number>();

  add(report: SimulationReport): void {
    this.#count('runs', 1);
    this.#count('events', report.events);
    this.#count('virtual seconds', report.virtualMs / 1000);
    if (report.leftBroken.length > 0) this.#count('runs: went on with nodes left broken', 1);
    for (const entry of report.history) {
      const kind = entry.operation.type === 'txn' ? 'transactions' : 'operations';
      this.#count(`${kind}: ${outcomeOf(entry)}`, 1);
      if (entry.result?.type === 'refused') this.#count(`${kind}: refused`, 1);
      if (entry.result?.type === 'error') this.#count(`${kind}: ${entry.result.code}`, 1);
    }
    for (const [name, count] of report.drawn.plan.counts) this.#count(`fault: ${name}`, count);
    for (const [name, count] of report.facts) this.#count(`fact: ${name}`, count);
  }

  get(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  toString(): string {
    return describeCounts(this.#counts);
  }

  #count(name: string, more: number): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + more);
  }
}

/** All that the seed came to. */
export function describeDrawn({ drawn, leftBroken }: SimulationReport): string {
  const { plan, ...others } = drawn;
  return [
    `drawn: ${JSON.stringify(others)}`,
    `faults: ${describeCounts(plan.counts)}`,
    `left broken: ${leftBroken.join(', ') || 'none'}`,
  ].join('\n');
}

function describeCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, count]) => `${name} ${Math.round(count)}`).join(', ') || 'none';
}
