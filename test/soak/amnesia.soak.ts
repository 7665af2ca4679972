/**
 * A node loses its data: every way × every mode × both runtimes. No answer may be wrong, before the way out and after it;
 * and what is said must be what docs/recovery.md says. `KVX_WRITE=1` writes the table there, `KVX_RUNTIME` and `KVX_MODE`
 * choose.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RuntimeName } from '../../src/config/spec.js';
import { Sandbox } from '../e2e/cluster-sandbox.js';
import { type Base, loseAndRead, makeBase, type Outcome } from '../e2e/data-loss-round.js';
import { ways } from '../e2e/data-losses.js';

const modes = (process.env['KVX_MODE'] ?? '2pc,paxos,quorum,gossip').split(',');
const runtimes = (process.env['KVX_RUNTIME'] ?? 'threads,processes').split(',') as RuntimeName[];
const docs = join(import.meta.dirname, '..', '..', 'docs', 'recovery.md');
const [begin, end] = ['<!-- table -->', '<!-- end of table -->'];

const shown = new Map<string, Map<string, string>>();

function note(way: string, column: string, text: string): void {
  const row = shown.get(way) ?? new Map<string, string>();
  shown.set(way, row.set(column, text));
}

/** Without paths and numbers, which differ from run to run, and without the advice. */
function sentence({ said }: Outcome): string {
  return said
    .replace(/\. (?:Put|Nothing) .*$/s, '')
    .replace(/: it copies from the others.*$/s, '')
    .replaceAll(/\S*\/dev\/data\//g, 'data/')
    .replaceAll(/cluster [0-9a-f]{16}/g, 'cluster …')
    .replaceAll(/\b0*(\d+)\.(wal|snapshot)/g, '….$2')
    .replaceAll(/byte \d+/g, 'byte …')
    .replaceAll(/number \d+/g, 'number …')
    .replaceAll(/\d+ starts?/g, '… starts')
    .replaceAll(/started \d+/g, 'started …');
}

const doing = ({ does, wayOut }: Outcome): string =>
  does === 'copies' ? 'copies by itself' : does === 'starts' ? 'starts' : `refuses; ${wayOut}`;

describe.each(runtimes)('on %s', (runtime) => {
  describe.each(modes)('mode %s', (mode) => {
    const victims = mode === '2pc' ? ['n2', 'n1'] : ['n2'];
    test.each(victims)(
      '%s loses its data in every way, and nobody hears a wrong answer',
      async (victim) => {
        const [sandbox, stranger] = [new Sandbox(), new Sandbox()];
        try {
          const base: Base = await makeBase(sandbox, mode, runtime, victim !== 'n1');
          const other = await makeBase(stranger, mode, runtime, false);
          const foreign = join(other.stash, `older-${victim}`);
          for (const way of ways) {
            if (victim === 'n1' && way.name === 'snapshot removed') continue;
            const outcome = await loseAndRead(base, way, victim, foreign);
            expect({ way: way.name, wrong: outcome.wrong }).toEqual({ way: way.name, wrong: [] });
            expect(outcome.does).not.toBe('starts');
            const column = victim === 'n1' ? '2pc, the coordinator' : mode;
            note(way.name, column, doing(outcome));
            if (mode === '2pc' && victim === 'n2') note(way.name, 'says', sentence(outcome));
            process.stdout.write(
              `${runtime} ${column}: ${way.name}: ${doing(outcome)}, ${outcome.refused} refused\n`,
            );
          }
        } finally {
          await sandbox.dispose();
          await stranger.dispose();
        }
      },
    );
  });
});

test('the table in docs/recovery.md is what was measured', () => {
  const columns = ['says', '2pc', '2pc, the coordinator', 'paxos', 'quorum', 'gossip'];
  const lines = [
    `| a node's data | it says | ${columns.slice(1).join(' | ')} |`,
    `|${'---|'.repeat(columns.length + 1)}`,
    ...[...shown].map(([way, row]) => {
      return `| ${way} | ${columns.map((column) => row.get(column) ?? '–').join(' | ')} |`;
    }),
  ];
  const table = `${begin}\n${lines.join('\n')}\n${end}`;
  const text = readFileSync(docs, 'utf8');
  const [at, until] = [text.indexOf(begin), text.indexOf(end) + end.length];
  if (process.env['KVX_WRITE'] !== undefined) {
    writeFileSync(docs, `${text.slice(0, at)}${table}${text.slice(until)}`);
  } else if (modes.length === 4) expect(text.slice(at, until)).toBe(table);
});
