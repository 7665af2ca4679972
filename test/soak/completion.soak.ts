/**
 * The Tab key in real shells at a pseudo-terminal, until the line that it finished has been run: the difference to a line without it is
 * what it takes. Prints a table; beside it, a bare Node.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import { missingShell, shells, Terminal } from '../completion/terminal.js';
import { Sandbox } from '../e2e/commands-sandbox.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

const rounds = 25;
/** What is typed, and what kvx gets. The first is without the Tab key: what all else takes. */
const lines = [
  ['kvx cluster ', ' <cluster>', 'no completion'],
  ['kvx clus\t', ' <cluster>', 'a command'],
  ['kvx cluster up --mode go\t', ' <cluster> <up> <--mode> <gossip>', 'a value'],
  ['kvx node kill oth\t', ' <node> <kill> <other-node>', 'a node'],
] as const;

function quantile(sorted: readonly number[], share: number): string {
  return (sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(0);
}

test('is quick', { timeout: 600_000 }, async () => {
  sandbox.run(['cluster', 'up', '--mode', 'gossip', '-n', '2', '--sync', 'off']);
  sandbox.run(['node', 'add', 'other-node']);
  const rows: string[] = [];
  const row = (what: string, took: readonly number[]): void => {
    const sorted = [...took].sort((a, b) => a - b);
    const [best, median, slow] = [0, 0.5, 0.9].map((share) => quantile(sorted, share).padStart(5));
    rows.push(`${what.padEnd(24)} best ${best} ms  median ${median} ms  p90 ${slow} ms`);
  };
  const bare = Array.from({ length: rounds }, () => {
    const begun = performance.now();
    spawnSync(process.execPath, ['-e', '0'], { env: {}, stdio: 'ignore' });
    return performance.now() - begun;
  });
  row('node -e 0', bare);
  for (const shell of shells.filter((each) => missingShell(each) === null)) {
    const terminal = new Terminal(shell, sandbox, sandbox.home);
    await terminal.ready();
    for (const [line, words, what] of lines) {
      const took: number[] = [];
      for (let round = 0; round < rounds; round++) took.push(await terminal.timed(line, words));
      row(`${shell}, ${what}`, took);
    }
    await terminal.end();
  }
  process.stdout.write(`${rows.join('\n')}\n`);
  expect(rows.length).toBeGreaterThan(1);
});
