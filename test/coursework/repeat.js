/**
 * Runs every cs380d script again and again, in the simulator, on threads and on processes, and fails at the first
 * difference: `node test/coursework/repeat.js [ROUNDS] [sim|threads|processes]`, 50 rounds of all three unless told.
 */
import { spawnSync } from 'node:child_process';

const [rounds = '50', runtime] = process.argv.slice(2);
const { status } = spawnSync('npx', ['vitest', 'run', 'test/e2e/dialects.test.ts'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    COURSEWORK_ROUNDS: rounds,
    ...(runtime === undefined ? {} : { COURSEWORK_RUNTIME: runtime }),
  },
});
process.exitCode = status ?? 1;
