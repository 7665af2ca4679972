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

async function eventsOf(text: string, bug?: string): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  await runScript(text, { sink: (event) => events.push(event), bug });
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
  expect(plain.some((row) => row.includes('●────write 2────✗│'))).toBe(true);
  expect(plain.join('\n')).not.toContain('put other');
  expect(plain.at(-1)).toMatch(/◀─+1─+●/);
});

it('draws the whole run where it is about no key', async () => {
  const rows = diagramOf(await eventsOf(stale), { width: 80, key: null });
  expect(rows.join('\n')).toContain('put other 1');
});

it('leaves out the middle of a long run, and says so', async () => {
  const rows = diagramOf(await eventsOf(`${stale}repeat 40 put b {n}\n`), { width: 60, key: null });
  expect(rows[1]).toContain('put oth');
  expect(rows.findIndex((row) => /^… \d+ rows are left out$/.test(row))).toBe(21);
  expect(rows).toHaveLength(82);
});

it('says by a number what is said again and again, and nothing of signs of life', async () => {
  const text = `cluster up --mode 2pc -n 3
fault cut "n1>n3" --type decision
put a 1
wait 2s
expect get a == 2
`;
  const plain = diagramOf(await eventsOf(text), { width: 80, key: 'a' as never }).map((row) =>
    row.slice(10).trim(),
  );
  const lost = plain.filter((row) => row.includes('decision────────────✗'));
  // Once before the answer and once after it.
  expect(lost).toHaveLength(2);
  expect(plain.some((row) => /^⋮ \d+ more like these$/.test(row))).toBe(true);
  expect(plain.join('\n')).not.toMatch(/heartbeat|alive/);
});

it('tells what nodes tell of themselves, and a violation as a whole', async () => {
  const text = `cluster up --mode 2pc -n 3
fault cut "n1>n3" --type decision
put a 1
node pause n1
wait 2s
`;
  const events = await eventsOf(text, '2pc-unilateral-abort');
  const plain = diagramOf(events, { width: 80, key: null }).map((row) => row.slice(10));
  expect(plain.some((row) => row.includes('suspects n1 ◆'))).toBe(true);
  const found = plain.findIndex((row) => row.includes('decision:'));
  expect(plain.slice(found, found + 2)).toEqual([
    ' ░░ decision: transaction 2: n1 holds committed, and n3 holds ░░',
    ' ░░ aborted ░░',
  ]);
});
