import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { simulate } from '../../explore/simulate.js';
import { eventOfTraceLine } from '../../trace/line.js';
import { showFailure } from './failures.js';

test('who has no time to shrink has the trace, and the seed to replay', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kvx-sim-'));
  try {
    const options = { mode: '2pc', seed: 1, bug: '2pc-unilateral-abort', durationMs: 200 };
    const how = { folder: join(folder, 'f'), signal: AbortSignal.abort(), says: () => {} };
    const saved = await showFailure(options, 'kvx sim --seed 1', how);
    const trace = join(folder, 'f/2pc-unilateral-abort-1.trace.jsonl');
    expect(saved).toEqual({ shrunk: null, files: [trace], replay: 'kvx sim --seed 1' });
    const events = readFileSync(trace, 'utf8').trimEnd().split('\n').map(eventOfTraceLine);
    expect(events).toHaveLength(simulate({ ...options, trace: true }).trace?.length ?? 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
