/** Raft of examples/raft, through every kind of fault; by thousands of seeds: test/soak/raft.soak.ts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import commitsEarlierTerms from '../../examples/raft/bugs/commits-earlier-terms.js';
import entriesNotPersisted from '../../examples/raft/bugs/entries-not-persisted.js';
import readsUnconfirmed from '../../examples/raft/bugs/reads-unconfirmed.js';
import truncatesBlindly from '../../examples/raft/bugs/truncates-blindly.js';
import voteNotPersisted from '../../examples/raft/bugs/vote-not-persisted.js';
import raft from '../../examples/raft/raft.js';
import { addMode } from '../../src/protocols/own/own-mode.js';
import { runScript } from '../../src/scenario/testing/run-script.js';
import { demandCoverage, range, runAll } from '../sim/runs.js';

const folder = join(import.meta.dirname, '../../examples/raft');
const { id } = addMode(join(folder, 'raft.js'), raft);

it('keeps its promises', () => {
  const coverage = runAll(id, range(1, 50), 25);
  demandCoverage(coverage, {
    'operations: ok': 1000,
    'fault: power cut': 10,
    'fault: split': 10,
    'fact: sent: install-snapshot': 50,
    'fact: journal snapshots': 100,
    'fact: verdict: strict-serializable holds': 10,
    'fact: verdict: linearizable holds': 10,
  });
});

const bugs = {
  'vote-not-persisted': voteNotPersisted,
  'entries-not-persisted': entriesNotPersisted,
  'truncates-blindly': truncatesBlindly,
  'reads-unconfirmed': readsUnconfirmed,
  'commits-earlier-terms': commitsEarlierTerms,
};

it.each(Object.entries(bugs))('%s fails its scenario, and Raft does not', async (bug, factory) => {
  const file = join(folder, `bugs/${bug}.kvx`);
  const text = readFileSync(file, 'utf8');
  const wrong = addMode(join(folder, `bugs/${bug}.js`), factory).id;
  const seed = Number(/--seed (\d+)\n$/.exec(text)?.[1]);
  const running = (mode: string) =>
    runScript(text.replace(`./${bug}.js`, mode), { seed, source: file });
  expect(await running(wrong)).toMatchObject({ error: null, report: { failed: true } });
  expect(await running(id)).toMatchObject({ error: null, report: { failed: false } });
});
