/** Of a set or list that only grows: two operations that can only have happened in the other order, in words. */
import { type Narrator, shownText } from '../evidence/narrator.js';
import type { Finding } from '../finding.js';
import { isRead, type ObjectCall } from './calls.js';
import type { GrowingWords } from './growing.js';
import type { OutOfOrder } from './phases.js';

/** What a set and a list say each in its own way. */
export interface OrderStory {
  readonly words: GrowingWords;
  /** `smaller`, `shorter` */
  readonly less: string;
  /** Of a read before its write: who else wrote that. */
  readonly writers: () => readonly ObjectCall[];
  /** Of two writes: who saw them in the wrong order, and the beginning of the sentence that says so. */
  readonly witness: () => { readonly call: ObjectCall; readonly saw: string };
}

/** `early` must come after `late`, but had ended before it began. */
export function orderFinding(
  narrator: Narrator,
  { early, late }: OutOfOrder,
  { words, less, writers, witness }: OrderStory,
): Finding {
  const { noun, deed } = words;
  const who = (call: ObjectCall) => narrator.who(call.at);
  const name = (call: ObjectCall) => shownText(call.written ?? '');
  const told = (
    anomaly: string,
    sentence: string,
    culprit: ObjectCall,
    more: readonly ObjectCall[] = [],
  ): Finding => {
    const operations = [early, late, ...more].map(({ at }) => at);
    return { anomaly, sentence, because: [], operations, culprit: culprit.at };
  };
  if (isRead(early) && isRead(late)) {
    const sentence = `${who(late)} read a ${less} ${noun} than ${who(early)} had read before`;
    return told('stale read', sentence, late);
  }
  if (isRead(late)) {
    const sentence = `${who(late)} read the ${noun} without ${name(early)} after ${who(early)}'s ${deed} of it had been acknowledged`;
    return told('stale read', sentence, late);
  }
  if (isRead(early)) {
    const sentence = `${who(early)} read ${name(late)} before anybody began to ${deed} it`;
    return told('future read', sentence, early, writers());
  }
  const { call, saw } = witness();
  const sentence = `${who(call)} read ${saw}, whose ${deed} had been acknowledged before that of ${name(late)} began`;
  return told('two orders', sentence, call, [call]);
}
