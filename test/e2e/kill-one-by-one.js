/** Kills a random Paxos node every second: `node test/e2e/kill-one-by-one.js [SECONDS]`, 60 unless told. */
import { spawnSync } from 'node:child_process';

const seconds = process.argv[2] ?? '60';
const { status } = spawnSync('npx', ['vitest', 'run', 'test/e2e/kill-one-by-one.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, KILLS: seconds },
});
process.exitCode = status ?? 1;
