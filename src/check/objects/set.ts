/** A set to which one only adds. */
import { type Narrator, shownText } from '../evidence/narrator.js';
import { type Finding, holds, type ModelVerdict, violated } from '../finding.js';
import type { Budget } from '../register/operations.js';
import type { ObjectCall } from './calls.js';
import {
  abortedIn,
  type Element,
  type Growing,
  type GrowingWords,
  growingOf,
  judgeElements,
  strangeIn,
  type WholeRead,
} from './growing.js';
import { type OrderStory, orderFinding } from './growing-order.js';
import { type OutOfOrder, outOfOrder, type Phased } from './phases.js';

const words: GrowingWords = { noun: 'set', did: 'added', deed: 'add' };

export function judgeSet(
  narrator: Narrator,
  calls: readonly ObjectCall[],
  budget: Budget,
): ModelVerdict {
  const growing = growingOf(calls, words, budget);
  return 'type' in growing ? growing : judgeElements(narrator, growing);
}

/** By phases: what was read must be ever larger sets, each within the next. */
export function linearizableSet(
  narrator: Narrator,
  calls: readonly ObjectCall[],
  budget: Budget,
): ModelVerdict {
  const growing = growingOf(calls, words, budget);
  if ('type' in growing) return growing;
  const strange = strangeIn(narrator, growing) ?? abortedIn(narrator, growing);
  if (strange !== null) return violated(strange);
  const chain = chainOf(growing);
  if ('odd' in chain) return violated(forkFinding(narrator, growing, chain.odd));
  const found = outOfOrder(phasesOf(growing, chain));
  if (found === null) return holds;
  return violated(orderFinding(narrator, found, storyOf(growing, found)));
}

const effective = ({ adds }: Element): ObjectCall[] => adds.filter(({ isFailed }) => !isFailed);

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
    const own = effective(element);
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
  const added = [x, y].flatMap((id) => effective(elements[id] as Element));
  return {
    anomaly: 'two orders',
    sentence: `${saw(a, x, y)}, and ${saw(b, y, x)}`,
    because: ['whichever was added first, one of the two reads has only the other'],
    operations: [...added, a.call, b.call].map(({ at }) => at),
    culprit: -1,
  };
}

/** What a read with the one and without the other tells. */
function storyOf({ readings, elements, names }: Growing, { early, late }: OutOfOrder): OrderStory {
  const name = (call: ObjectCall) => shownText(call.written ?? '');
  const idOf = ({ written }: ObjectCall) => names.indexOf(written ?? '');
  return {
    words,
    less: 'smaller',
    writers: () => effective(elements[idOf(late)] as Element),
    witness: () => {
      const [x, y] = [idOf(early), idOf(late)];
      const odd = readings.find(({ items }) => items.includes(y) && !items.includes(x));
      return { call: (odd as WholeRead).call, saw: `${name(late)} without ${name(early)}` };
    },
  };
}
