/** Ids that nobody else has. */
import { shownText } from '../evidence/narrator.js';
import { unknownBecause, violated } from '../finding.js';
import type { JudgeCalls, ObjectCall } from './calls.js';

export const judgeUniqueIds: JudgeCalls = (narrator, calls) => {
  const givenTo = new Map<string, ObjectCall>();
  for (const call of calls) {
    if (call.kind !== 'generate' || call.seen === null) continue;
    const before = givenTo.get(call.seen);
    if (before === undefined) {
      givenTo.set(call.seen, call);
      continue;
    }
    const [first, second] = [before, call].map(({ at }) => narrator.who(at));
    const who = first === second ? `${first} got the id` : `${first} and ${second} both got the id`;
    return violated({
      anomaly: 'duplicated id',
      sentence: `${who} ${shownText(call.seen)}${first === second ? ' twice' : ''}`,
      operations: [before.at, call.at],
      culprit: call.at,
    });
  }
  return givenTo.size === 0 ? unknownBecause('nobody got an id') : { type: 'holds', note: '' };
};
