import { expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { TraceEvent } from '../core/trace-event.js';
import { runScript } from '../scenario/testing/run-script.js';
import { diagramOf } from './diagram.js';

const stale = `cluster up --mode quorum -n 3 --read one --write one
put other 1
put a 1 --level all
fault partition n1/n2,n3
put a 2 --node n1
get a --node n2
`;

async function eventsOf(text: string): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  await runScript(text, { sink: (event) => events.push(event) });
  return events;
}

it('draws what has to do with a key: messages as arrows, and no line is wider than it may be', async () => {
  const events = await eventsOf(stale);
  const rows = diagramOf(events, { width: 80, key: keyFromText('a') });
  expect(rows.every((row) => row.length <= 80)).toBe(true);
  const plain = rows.map((row) => row.slice(10));
  expect(plain[0]?.split(/\s+/)).toEqual(['', 'clients', 'n1', 'n2', 'n3']);
  expect(plain).toContain(' ░░ fault partition n1/n2,n3 ░░');
  expect(plain.findIndex((row) => row.includes('●────put a 2────▶│'))).toBeGreaterThan(
    plain.findIndex((row) => row.includes('░░')),
  );
  expect(plain.some((row) => row.includes('●─────write─────✗│'))).toBe(true);
  expect(plain.join('\n')).not.toContain('put other');
  expect(plain.at(-1)).toMatch(/◀─+1─+●/);
});

it('draws the whole run where it is about no key', async () => {
  const rows = diagramOf(await eventsOf(stale), { width: 80, key: null });
  expect(rows.join('\n')).toContain('put other 1');
});

it('leaves out what came first of a long run, and says so', async () => {
  const rows = diagramOf(await eventsOf(`${stale}repeat 40 put b {n}\n`), { width: 60, key: null });
  expect(rows[1]).toMatch(/^… \d+ earlier rows are left out$/);
  expect(rows.length).toBeLessThan(90);
});
