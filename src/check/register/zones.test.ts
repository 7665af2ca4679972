import { expect, test } from 'vitest';
import { SeededRandom } from '../../core/random.js';
import { bruteForce } from './brute-force.js';
import { picked } from './core-writers.js';
import { randomOperations, randomShape } from './testing/random-operations.js';
import { printed } from './testing/rows.js';
import { zones } from './zones.js';

test('fuzz', () => {
  const counts = { holds: 0, violated: 0, unknown: 0, null: 0 };
  const bad: string[] = [];
  const random = new SeededRandom(Number(process.env['KVX_SEED'] ?? 1));
  const n = Number(process.env['N'] ?? 20000);
  for (let i = 0; i < n; i++) {
    const ops = randomOperations(random, randomShape(random));
    let got: string;
    const sizes = ((globalThis as any).sizes ??= {});
    try {
      const v = zones(ops);
      got = v?.type ?? 'null';
      if (v?.type === 'violated') {
        const k = v.anomaly + v.core.length;
        sizes[k] = (sizes[k] ?? 0) + 1;
        if (bruteForce(picked(ops, v.core, new Set()))) got = 'badcore';
      }
    } catch (e) {
      got = String(e);
    }
    const want = bruteForce(ops) ? 'holds' : 'violated';
    (counts as any)[got]++;
    if (got !== want && got !== 'null') bad.push(`want ${want} got ${got}\n${printed(ops)}`);
  }
  console.log(counts, bad.length, (globalThis as any).sizes);
  bad.sort((a, b) => a.length - b.length);
  console.log(bad.slice(0, 4).join('\n\n'));
  expect(bad.length).toBe(0);
}, 600000);
