/** From the Tab key to the words on the screen, in real shells at a pseudo-terminal. Prints a table; beside it, a bare Node. */
import { spawnSync } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import { missingShell, shells, Terminal } from '../completion/terminal.js';
import { Sandbox } from '../e2e/commands-sandbox.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

const rounds = 25;
/** What is typed, what the Tab key makes of it, and what it is about. */
const lines = [
  ['kvx clus', /cluster/, 'a command'],
  ['kvx cluster up --mode go', /gossip/, 'a value'],
  ['kvx node kill other', /other-node/, 'a node'],
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
    spawnSync(process.execPath, ['-e', '0']);
    return performance.now() - begun;
  });
  row('node -e 0', bare);
  for (const shell of shells.filter((each) => missingShell(each) === null)) {
    const terminal = new Terminal(shell, sandbox, sandbox.home);
    await terminal.ready();
    for (const [line, word, what] of lines) {
      const took: number[] = [];
      for (let round = 0; round < rounds; round++) took.push(await terminal.timed(line, word));
      row(`${shell}, ${what}`, took);
    }
    await terminal.end();
  }
  process.stdout.write(`${rows.join('\n')}\n`);
  expect(rows.length).toBeGreaterThan(1);
});
