import { type ErrorCode, errorCodes } from '../../../core/errors.js';
import type { Millis } from '../../../core/ids.js';
import type { ClientRequest, ClientResult, Level, Operation } from '../../../core/operation.js';
import type { MetricSample } from '../../../runtime/metrics/family.js';
import { TimeHistogram } from '../../../runtime/metrics/histogram.js';

type Kind = Operation['type'];

/** `refused`: a precondition did not hold. What else is not `ok` is an error's code. */
const outcomes = ['ok', 'refused', ...errorCodes] as const;
const outcomeOfCode = Object.fromEntries(errorCodes.map((code, at) => [code, at + 2])) as Readonly<
  Record<ErrorCode, number>
>;

/** Of one kind: clients may ask for levels that no mode has. */
const levelsMax = 16;
const otherLevel = 'other';

class KindCounts {
  readonly times = new TimeHistogram();
  /** By level, then by outcome. */
  readonly byLevel = new Map<Level | null | typeof otherLevel, Float64Array>();

  of(level: Level | null | typeof otherLevel): Float64Array {
    return this.byLevel.get(level) ?? this.#begin(level);
  }

  #begin(level: Level | null | typeof otherLevel): Float64Array {
    if (this.byLevel.size >= levelsMax && level !== otherLevel) return this.of(otherLevel);
    const counts = new Float64Array(outcomes.length);
    this.byLevel.set(level, counts);
    return counts;
  }
}

/** What clients have asked one node, and what came of it. To note one makes nothing once its kind and level are known. */
export class OperationCounts {
  readonly #kinds: Partial<Record<Kind, KindCounts>> = {};

  readonly note = ({ operation, level }: ClientRequest, result: ClientResult, ms: Millis): void => {
    const kind = this.#kindOf(operation.type);
    const counts = kind.of(level);
    const at = outcomeOf(result);
    counts[at] = (counts[at] as number) + 1;
    kind.times.note(ms);
  };

  #kindOf(type: Kind): KindCounts {
    const known = this.#kinds[type];
    if (known !== undefined) return known;
    const begun = new KindCounts();
    this.#kinds[type] = begun;
    return begun;
  }

  *samples(): Generator<MetricSample> {
    for (const [operation, { byLevel }] of this.#all()) {
      for (const [level, counts] of byLevel) {
        for (const [at, value] of counts.entries()) {
          if (value === 0) continue;
          const outcome = outcomes[at] as string;
          const labels = { operation, level: String(level ?? 'default'), outcome };
          yield { suffix: '', labels: Object.entries(labels), value };
        }
      }
    }
  }

  *times(): Generator<MetricSample> {
    for (const [operation, { times }] of this.#all())
      yield* times.samples([['operation', operation]]);
  }

  #all(): [string, KindCounts][] {
    return Object.entries(this.#kinds) as [string, KindCounts][];
  }
}

function outcomeOf(result: ClientResult): number {
  if (result.type === 'error') return outcomeOfCode[result.code];
  return result.type === 'refused' ? 1 : 0;
}
