/** A page with nothing but a diagram of a simulated run, as long as the address says: `#mode=paxos&events=1000000`. */
import { render } from 'preact';
import type { TraceEvent } from '../../core/trace-event.js';
import { simulate } from '../../explore/simulate.js';
import { lanesOf } from '../../trace/lanes.js';
import { LanesBuilder } from '../../trace/lanes-builder.js';
import { Diagram, type DiagramHandle, type DiagramProps } from '../diagram/Diagram.js';
import { applyTheme } from '../parts/theme.js';

const asked = new URLSearchParams(location.hash.slice(1));
const number = (name: string, otherwise: number): number => Number(asked.get(name) ?? otherwise);

/** The run again and again, one after the other. */
function* repeated(trace: readonly TraceEvent[], eventsMin: number): Iterable<TraceEvent> {
  const lengthMs = (trace.at(-1)?.atMs ?? 0) - (trace[0]?.atMs ?? 0) + 1;
  const known = new Map<string, number>();
  for (const { node, clock } of trace)
    known.set(node, Math.max(known.get(node) ?? 0, clock[node] ?? 0));
  for (let count = 0, round = 0; count < eventsMin; round++) {
    for (const event of trace) {
      const { node, atMs, clock, data } = event;
      if (round > 0 && data.type === 'fault') continue;
      const before = (name: string): number => (known.get(name) ?? 0) * round;
      const own = (clock[node] ?? 0) + before(node);
      const sent =
        'sent' in data ? { sent: data.sent + before('from' in data ? data.from : node) } : {};
      yield {
        ...{ node, atMs: atMs + lengthMs * round, clock: { [node]: own } },
        data: { ...data, ...sent } as TraceEvent['data'],
      };
      count++;
    }
  }
}

const began = performance.now();
const { trace } = simulate({
  ...{ mode: asked.get('mode') ?? 'paxos', seed: number('seed', 7) },
  ...{ durationMs: number('ms', 1000), trace: true },
});
const traced = performance.now();
const builder = new LanesBuilder();
const events = number('events', 0);
for (const event of events === 0 ? (trace ?? []) : repeated(trace ?? [], events))
  builder.add(event);
const lanes = lanesOf(builder.end());
const built = performance.now();
applyTheme();
const props: DiagramProps = {
  ...{ lanes, label: 'A simulated run' },
  ...(asked.has('cursor') && { cursor: number('cursor', 0) }),
  ...(asked.has('lit') && {
    lit: Uint32Array.from({ length: number('lit', 0) }, (_, at) => number('from', 0) + at * 3),
  }),
  ...(asked.has('culprit') && { culprits: [number('culprit', 0)] }),
  ...(asked.has('touch') && { onTouch: (touch: unknown) => touches.push(touch) }),
};
const touches: unknown[] = [];
const handle: { current: DiagramHandle | null } = { current: null };
const root = document.getElementById('app') as HTMLElement;
root.style.height = '100vh';
render(<Diagram {...props} handle={handle} />, root);
Object.assign(window, {
  kvx: { lanes, handle, touches, simulatedMs: traced - began, builtMs: built - traced },
});
