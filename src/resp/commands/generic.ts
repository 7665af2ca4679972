/** Commands about keys, whatever they hold. */
import type { ClientResult } from '../../core/operation.js';
import { keyAt } from '../arguments.js';
import type { DataCommand, Values } from '../command.js';
import type { Words } from '../parser.js';
import { integer, type RespReply } from '../replies.js';

/** How many of the words name keys that are there; of these, `then`. */
function countPresent(
  words: Words,
  values: Values,
  then: (key: ReturnType<typeof keyAt>) => void,
): RespReply {
  const keys = words.slice(1).map((_, at) => keyAt(words, at + 1));
  let count = 0;
  for (const key of keys) {
    if (values.get(key) === null) continue;
    count += 1;
    then(key);
  }
  return integer(count);
}

const deleting: Pick<DataCommand, 'single' | 'answer' | 'apply'> = {
  single: (words) => (words.length === 2 ? { type: 'delete', key: keyAt(words, 1) } : null),
  answer: (result: ClientResult) => integer(result.type === 'done' && result.existed ? 1 : 0),
  apply: (words, values) => countPresent(words, values, (key) => values.set(key, null)),
};

export const genericCommands: readonly DataCommand[] = [
  {
    ...{ kind: 'data', name: 'DEL', arity: -2, flags: ['write'], keys: [1, -1, 1] },
    ...{ group: 'generic', summary: 'Deletes keys; says how many there were.' },
    ...deleting,
  },
  {
    ...{ kind: 'data', name: 'UNLINK', arity: -2, flags: ['write', 'fast'], keys: [1, -1, 1] },
    ...{ group: 'generic', summary: 'Deletes keys; says how many there were.' },
    ...deleting,
  },
  {
    ...{ kind: 'data', name: 'EXISTS', arity: -2, flags: ['readonly', 'fast'], keys: [1, -1, 1] },
    ...{
      group: 'generic',
      summary: 'How many of the keys there are; one named twice counts twice.',
    },
    single: (words) => (words.length === 2 ? { type: 'get', key: keyAt(words, 1) } : null),
    answer: (result) => integer(result.type === 'value' && result.value !== null ? 1 : 0),
    apply: (words, values) => countPresent(words, values, () => {}),
  },
];
