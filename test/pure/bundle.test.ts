/** The pure part of the house runs wherever JavaScript does: a browser's page for example. */
import { join } from 'node:path';
import { createContext, Script } from 'node:vm';
import { rolldown } from 'rolldown';
import { beforeAll, expect, test } from 'vitest';
import { type SimulateOptions, simulate } from '../../src/explore/simulate.js';
import { modeNames } from '../../src/protocols/catalog.js';
import { orderNames } from '../../src/sim/event-order.js';

let code: string;

beforeAll(async () => {
  const bundle = await rolldown({
    input: join(import.meta.dirname, '../../src/explore/simulate.ts'),
    // Nothing is resolved as Node or a browser would do it.
    platform: 'neutral',
    onLog: (_, { message }) => {
      throw new Error(message);
    },
  });
  const { output } = await bundle.generate({ format: 'iife', name: 'kvx' });
  code = output[0].code;
}, 60_000);

interface BareReport {
  readonly traceHash: string;
  readonly violations: string;
  readonly trace: string;
}

/** In a realm that has what ECMAScript says, and nothing more. */
function simulateBare(options: SimulateOptions): BareReport {
  const context = createContext(Object.create(null));
  new Script(code).runInContext(context);
  const call = `const report = kvx.simulate(${JSON.stringify(options)});
    JSON.stringify({
      traceHash: report.traceHash,
      violations: report.violations.join(),
      trace: JSON.stringify(report.trace),
    })`;
  return JSON.parse(new Script(call).runInContext(context));
}

test.each(modeNames)('%s is simulated and judged without a platform, the same run', (mode) => {
  const options = { mode, seed: 7 };
  const { traceHash, violations } = simulate(options);
  expect(violations).toEqual([]);
  // What crosses from node to node as bytes is the codec's, and pure as well.
  const bare = simulateBare({ ...options, encodes: true });
  expect(bare).toMatchObject({ traceHash, violations: '' });
});

test('its trace is the same, byte by byte, whatever the order of events', () => {
  for (const order of orderNames) {
    const options = { mode: 'paxos', seed: 3, order, durationMs: 200, trace: true };
    const { trace } = simulate(options);
    expect(trace?.length).toBeGreaterThan(500);
    expect(simulateBare(options).trace).toBe(JSON.stringify(trace));
  }
});
