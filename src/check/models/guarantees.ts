/**
 * The four session guarantees (Terry et al., "Session Guarantees for Weakly Consistent Replicated Data", PDIS 1994) and
 * sequential consistency of single keys, which is all of them at once.
 *
 * Key by key: each guarantee says that one write is older than another. It is violated when no order of the key's
 * writes agrees with all it says; each is judged by itself. For the two about reads, a session's own writes are taken to
 * be in its order. The two about writes say how replicas order them, not when they arrive: a reader that sees the newer
 * and then the older has met a replica that lags, which is no evidence against the writer. What replaced a value is newer
 * than it for all of them. Where every version was recorded, the versions are the order.
 */
import type { History } from '../../history/history.js';
import { Narrator } from '../evidence/narrator.js';
import { type Finding, holds, type ModelVerdict, unknownBecause, violated } from '../finding.js';
import type { KeyOperations } from '../register/split.js';
import { because, type Constraint, constraintsOf, contradiction } from './order.js';
import { ambiguous, initialOrigin, noOrigin, type Origins } from './origins.js';
import { didBoth, replacementsInOrder } from './replacements.js';
import type { SessionTable } from './sessions.js';

export const sessionModels = {
  'read-your-writes': {
    wanted: because.wroteThenRead,
    context: because.wroteBoth | because.replaced,
  },
  'monotonic-reads': {
    wanted: because.readBoth,
    context: because.wroteBoth | because.replaced,
  },
  'monotonic-writes': {
    wanted: because.wroteBoth,
    context: because.replaced,
  },
  'writes-follow-reads': {
    wanted: because.readThenWrote,
    context: because.replaced,
  },
  sequential: { wanted: 31, context: 0 },
} as const;

export type SessionModel = keyof typeof sessionModels;

const anomalies: Readonly<Record<SessionModel, string>> = {
  'read-your-writes': 'own write missed',
  'monotonic-reads': 'reads went back',
  'monotonic-writes': 'writes seen in another order',
  'writes-follow-reads': 'effect without its cause',
  sequential: 'sessions contradict each other',
};

/** One key, with all that its sessions say of the order of its writes. */
export class KeySessions {
  readonly #narrator: Narrator;
  readonly #sessions: SessionTable;
  readonly #operations: KeyOperations;
  readonly #origins: Origins;
  #certain: readonly Constraint[] | null = null;
  #guessed: readonly (readonly Constraint[])[] | null = null;

  constructor(
    history: History,
    sessions: SessionTable,
    operations: KeyOperations,
    origins: Origins,
  ) {
    this.#narrator = new Narrator(history);
    this.#sessions = sessions;
    this.#operations = operations;
    this.#origins = origins;
  }

  judge(guarantee: SessionModel): ModelVerdict {
    const origins = this.#origins;
    this.#certain ??= this.#constraints(origins.of);
    const finding = this.#findingAgainst(guarantee, this.#certain, origins.of);
    if (finding !== null) return violated(finding);
    if (origins.ambiguousCount > 0 && !this.#agreesWithAGuess(guarantee)) {
      return unknownBecause(ambiguity(origins, this.#keyName()));
    }
    if (guarantee === 'sequential' && origins.vagueCount > 0) {
      return unknownBecause(vagueness(this.#keyName()));
    }
    return holds;
  }

  #agreesWithAGuess(guarantee: SessionModel): boolean {
    const { guesses } = this.#origins;
    this.#guessed ??= guesses.map((of) => this.#constraints(of));
    return this.#guessed.some(
      (constraints, at) =>
        this.#findingAgainst(guarantee, constraints, guesses[at] as Int32Array) === null,
    );
  }

  #constraints(of: Int32Array): Constraint[] {
    return constraintsOf(this.#narrator.history, this.#sessions, this.#operations, of);
  }

  #keyName(): string {
    return this.#narrator.key(this.#operations.index[0] as number) ?? '';
  }

  #findingAgainst(
    guarantee: SessionModel,
    constraints: readonly Constraint[],
    of: Int32Array,
  ): Finding | null {
    const { count } = this.#operations.register;
    const circle = contradiction(constraints, sessionModels[guarantee], count, this.#origins);
    if (circle !== null) return this.#tell(guarantee, circle, of);
    if (guarantee !== 'sequential') return null;
    return replacementsInOrder(this.#narrator, this.#operations, constraints, of, this.#origins);
  }

  /** A circle in words. The last constraint is where it closes: there what was read is too old. */
  #tell(guarantee: SessionModel, circle: readonly Constraint[], of: Int32Array): Finding {
    const [closing, ...rest] = circle as [Constraint, ...Constraint[]];
    const { index } = this.#operations;
    const involved = circle.flatMap(({ first, second, before = noOrigin }) => [
      ...[first, of[first] as number],
      ...[second, of[second] as number, before],
    ]);
    const older = ({ older: one, newer }: Constraint) =>
      `${this.#writeName(one)} is older than ${this.#writeName(newer)}`;
    return {
      anomaly: anomalies[guarantee],
      sentence: this.#sentence(closing),
      because:
        rest.length === 0
          ? [this.#againstTheOrder(closing)]
          : rest.map((constraint) => `${older(constraint)}: ${this.#sentence(constraint)}`),
      operations: involved.filter((at) => at >= 0).map((at) => index[at] as number),
      culprit: index[closing.second] as number,
    };
  }

  /** What the session did, in the past. */
  #sentence({ reason, first, second }: Constraint): string {
    return didBoth(this.#narrator, this.#operations, reason === because.replaced, first, second);
  }

  #againstTheOrder({ older, newer, before }: Constraint): string {
    if (newer === initialOrigin) {
      return `${this.#narrator.atFirst(this.#operations.values[0])}, and nobody brought it back`;
    }
    if (before !== undefined) return `it had read ${this.#writeName(older)} before that, too`;
    if (older === newer) return `it read ${this.#writeName(older)} before writing it`;
    return `by their versions ${this.#writeName(newer)} is older than ${this.#writeName(older)}`;
  }

  #writeName(write: number): string {
    if (write === noOrigin) return 'nothing';
    if (write === initialOrigin) return this.#narrator.value(this.#operations.values[0] ?? 0);
    const { index, register, values } = this.#operations;
    const value = values[register.value[write] as number] as number;
    return value === 0 ? this.#narrator.deed(index[write] as number) : this.#narrator.value(value);
  }
}

export function ambiguity(origins: Origins, key: string): string {
  const count = origins.of.reduce((sum, origin) => sum + (origin === ambiguous ? 1 : 0), 0);
  const readings = count === 1 ? 'one reading' : `${count} readings`;
  return `${readings} of ${key} found what several operations wrote: it is not sure whose it was`;
}

export function vagueness(key: string): string {
  return `operations on ${key} say that they found something, or something else, but not what`;
}
