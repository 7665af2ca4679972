/** Commands that read and write values. */
import { keyFromBytes } from '../../core/key.js';
import type { Command } from '../command.js';
import { bulk, nothing, ok } from '../replies.js';

export const stringCommands: readonly Command[] = [
  {
    ...{ kind: 'data', name: 'GET', arity: 2, flags: ['readonly', 'fast'], keys: [1, 1, 1] },
    ...{ group: 'string', summary: 'The value of a key.' },
    single: ([, key]) => ({ type: 'get', key: keyFromBytes(key as Uint8Array) }),
    answer: (result) => (result.type === 'value' ? bulk(result.value) : nothing),
    apply: ([, key], values) => bulk(values.get(keyFromBytes(key as Uint8Array))),
  },
  {
    ...{ kind: 'data', name: 'SET', arity: -3, flags: ['write', 'denyoom'], keys: [1, 1, 1] },
    ...{ group: 'string', summary: 'Sets the value of a key.' },
    single: ([, key, value]) => ({
      type: 'put',
      key: keyFromBytes(key as Uint8Array),
      value: value as Uint8Array,
    }),
    answer: () => ok,
    apply([, key, value], values) {
      values.set(keyFromBytes(key as Uint8Array), value as Uint8Array);
      return ok;
    },
  },
];
