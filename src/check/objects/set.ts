/** A set to which one only adds. */
import { type Narrator, shownText } from '../evidence/narrator.js';
import { type Finding, violated } from '../finding.js';
import { type JudgeCalls, type ObjectCall, possible } from './calls.js';
import {
  abortedIn,
  type Element,
  type Growing,
  type GrowingWords,
  growingOf,
  judgeElements,
  judgePhases,
  type Phased,
  strangeIn,
  type WholeRead,
} from './growing.js';

const words: GrowingWords = { noun: 'set', did: 'added', deed: 'add', less: 'smaller' };

export const judgeSet: JudgeCalls = (narrator, calls, budget) =>
  judgeElements(narrator, growingOf(calls, words, budget));

/** By phases: what was read must be ever larger sets, each within the next. */
export const linearizableSet: JudgeCalls = (narrator, calls, budget) => {
  const growing = growingOf(calls, words, budget);
  const strange = strangeIn(narrator, growing) ?? abortedIn(narrator, growing);
  if (strange !== null) return violated(strange);
  const chain = chainOf(growing);
  if ('odd' in chain) return violated(forkFinding(narrator, growing, chain.odd));
  const { readings, elements, names } = growing;
  const idOf = ({ written }: ObjectCall) => names.indexOf(written ?? '');
  // What a read with the one and without the other tells.
  const witness = ({ early, late }: { early: ObjectCall; late: ObjectCall }) => {
    const [x, y] = [idOf(early), idOf(late)];
    const odd = readings.find(({ items }) => items.includes(y) && !items.includes(x));
    const saw = `${shownText(late.written ?? '')} without ${shownText(early.written ?? '')}`;
    return { call: (odd as WholeRead).call, saw };
  };
  return judgePhases(narrator, growing, phasesOf(growing, chain), witness, (late) =>
    possible((elements[idOf(late)] as Element).adds),
  );
};

interface Chain {
  /** By element, in the how manieth of the sets that differ it is first; 0: in none. */
  readonly firstIn: Int32Array;
  readonly setOf: ReadonlyMap<WholeRead, number>;
  readonly length: number;
}

/** Two reads, each with an element that the other has not. */
interface Fork {
  readonly odd: readonly [WholeRead, WholeRead];
}

function chainOf({ readings, elements }: Growing): Chain | Fork {
  const bySize = [...readings].sort((a, b) => a.items.length - b.items.length);
  const firstIn = new Int32Array(elements.length);
  const setOf = new Map<WholeRead, number>();
  let last: WholeRead | null = null;
  let size = 0;
  let length = 0;
  for (const reading of bySize) {
    const { items } = reading;
    const fresh = items.filter((id) => firstIn[id] === 0);
    if (last !== null && items.length - fresh.length < size) return { odd: [last, reading] };
    if (fresh.length > 0) {
      length++;
      size += fresh.length;
      for (const id of fresh) firstIn[id] = length;
    }
    setOf.set(reading, length);
    last = reading;
  }
  return { firstIn, setOf, length };
}

function phasesOf({ readings, elements }: Growing, { firstIn, setOf, length }: Chain): Phased[] {
  const phased: Phased[] = readings.map((reading) => {
    const phase = 2 * (setOf.get(reading) ?? 0) + 1;
    return { call: reading.call, from: phase, to: phase };
  });
  for (const [id, element] of elements.entries()) {
    const own = possible(element.adds);
    if (own.length === 0) continue;
    const first = firstIn[id] as number;
    const from = 2 * (first === 0 ? length + 1 : first);
    // What was added once more changes nothing, so only one of them, the first to begin, must be in time.
    const needed = own.reduce((a, b) => (b.start < a.start ? b : a));
    for (const call of own) {
      if (first === 0 && !call.isOk) continue;
      const to = call === needed && first > 0 ? from : Number.POSITIVE_INFINITY;
      phased.push({ call, from, to });
    }
  }
  return phased;
}

function forkFinding(
  narrator: Narrator,
  { elements, names }: Growing,
  [a, b]: Fork['odd'],
): Finding {
  const missing = (from: WholeRead, others: WholeRead): number => {
    const present = new Set(others.items);
    return from.items.find((item) => !present.has(item)) as number;
  };
  const [x, y] = [missing(a, b), missing(b, a)];
  const name = (id: number) => shownText(names[id] as string);
  const saw = ({ call }: WholeRead, has: number, lacks: number) =>
    `${narrator.who(call.at)} read ${name(has)} without ${name(lacks)}`;
  const added = [x, y].flatMap((id) => possible((elements[id] as Element).adds));
  return {
    anomaly: 'two orders',
    sentence: `${saw(a, x, y)}, and ${saw(b, y, x)}`,
    because: ['whichever was added first, one of the two reads has only the other'],
    operations: [...added, a.call, b.call].map(({ at }) => at),
    culprit: -1,
  };
}
