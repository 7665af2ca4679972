import * as Flags from '@oclif/core/flags';
import { benchDefaults, clientsMax, keysMax } from './plan.js';

const count = (name: string, description: string, max = Number.MAX_SAFE_INTEGER) =>
  Flags.integer({ description, helpValue: 'COUNT', min: 1, max, env: `KVX_${name}` });

const text = (name: string, helpValue: string, description: string) =>
  Flags.string({ description, helpValue, env: `KVX_${name}` });

/** No defaults among them: what a workload has no use for is refused, so it must be known what was said. */
export const loadFlags = {
  clients: count('CLIENTS', `how many ask at once; else ${benchDefaults.clients}`, clientsMax),
  ops: count('OPS', 'end after so many operations'),
  duration: text('DURATION', 'TIME', `end after so long; else ${benchDefaults.duration}`),
  reads: text('READS', 'SHARE', `share of gets; else ${benchDefaults.reads}`),
  keys: count('KEYS', `how many keys are in use; else ${benchDefaults.keys}`, keysMax),
  'value-size': text('VALUE_SIZE', 'SIZE', `such as 100 or 1KiB; else ${benchDefaults.valueSize}`),
  wide: Flags.boolean({ description: 'all columns, however wide', env: 'KVX_WIDE' }),
  history: Flags.string({
    description: 'write down, as JSON lines, what clients asked and were told: for `kvx check`',
    helpValue: 'FILE',
    env: 'KVX_HISTORY',
  }),
  seed: Flags.integer({
    description: 'the same operations again',
    helpValue: 'NUMBER',
    min: 0,
    env: 'KVX_SEED',
  }),
};
