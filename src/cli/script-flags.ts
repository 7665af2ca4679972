/** Flags of the commands that take scripts, from a file or from a terminal. */
import * as Flags from '@oclif/core/flags';
import { type ArenaRuntime, arenaRuntimes } from '../scenario/arena.js';
import { usageError } from './values.js';

export const runtimeFlag = (description: string) =>
  Flags.string({
    description,
    helpValue: 'RUNTIME',
    options: [...arenaRuntimes],
    env: 'KVX_RUNTIME',
  });

export const seedFlag = Flags.integer({
  description: 'sim: the same seed and the same commands, the same run (default: drawn, and told)',
  helpValue: 'NUMBER',
  min: 0,
  env: 'KVX_SEED',
});

export const dialectFlags = {
  dialect: Flags.string({
    description: 'kvx (default), or the vocabulary of a course: cs380d, cs425',
    helpValue: 'NAME',
    options: ['kvx', 'cs380d', 'cs425'],
    default: 'kvx',
    env: 'KVX_DIALECT',
  }),
  'delay-unit': Flags.string({
    description: 'cs425: what `delay T` counts in, s (default) or ms',
    helpValue: 'UNIT',
    options: ['s', 'ms'],
    default: 's',
    env: 'KVX_DELAY_UNIT',
  }),
  models: Flags.boolean({
    description: 'cs425: levels 1 to 4 are consistency models',
    env: 'KVX_MODELS',
  }),
};

interface OwnPlace {
  readonly runtime: ArenaRuntime;
  readonly seed: number | null;
}

/** Where a cluster of the script's own runs. */
export function ownPlaceOf(flags: {
  readonly runtime?: string | undefined;
  readonly seed?: number | undefined;
}): OwnPlace {
  const { runtime = 'threads', seed = null } = flags;
  if (seed !== null && runtime !== 'sim') throw usageError('--seed needs --runtime sim');
  return { runtime: runtime as ArenaRuntime, seed };
}
