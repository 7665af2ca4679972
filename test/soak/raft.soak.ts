/** Raft of examples/raft through many seeds: `KVX_SEEDS` says how many (2,000 when it does not), `KVX_SEED` where to begin. */
import { it } from 'vitest';
import raft from '../../examples/raft/raft.js';
import type { RunOptions } from '../../src/explore/simulate.js';
import { addMode } from '../../src/protocols/own/own-mode.js';
import { range, runAll } from '../sim/runs.js';

const first = Number(process.env['KVX_SEED'] ?? 1);
const last = first + Number(process.env['KVX_SEEDS'] ?? 2000) - 1;
const { id } = addMode('raft.js', raft);

const profiles: Readonly<Record<string, Omit<RunOptions, 'seed'>>> = {
  'whatever is drawn': {},
  'three times as long': { durationMs: 3000 },
  'whoever leads is cut off or killed': { nemesis: ['leader', 'kills'], durationMs: 2000 },
  'power cuts and splits': { faults: ['untimely power cut', 'power cut', 'blackout', 'split'] },
};

it.each(Object.entries(profiles))('seeds, %s', (name, profile) => {
  console.log(`raft, ${name}: ${runAll(id, range(first, last), 100, profile)}`);
});
