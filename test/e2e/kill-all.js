/** Kills all nodes again and again: `node test/e2e/kill-all.js [ROUNDS]`, 20 unless told. */
import { spawnSync } from 'node:child_process';

const rounds = process.argv[2] ?? '20';
const { status } = spawnSync('npx', ['vitest', 'run', 'test/e2e/kill-all.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, KILL_ALL_ROUNDS: rounds },
});
process.exitCode = status ?? 1;
