/**
 * Is there one order of a few transactions that explains what their clients saw, and respects who was answered before
 * whom asked? By brute force (Wing & Gong 1993), on a model of its own: it shares no code with what it judges.
 */
import type { Operation } from '../../../core/operation.js';
import type { Ticket } from '../../../sim/manual.js';
import { said, textOf } from '../../testing/operations.js';

type State = ReadonlyMap<string, string>;

interface Event {
  readonly operation: Operation;
  readonly from: number;
  readonly until: number;
  /** `null`: nobody knows; then it may also never have happened. */
  readonly heard: string | null;
}

/** `null` when there is such an order, else what was tried. */
export function explainable(history: readonly Ticket[]): string | null {
  const events: Event[] = [];
  for (const { operation, askedAt: at, answeredAt, result } of history) {
    const heard = said(result);
    if (heard.startsWith('definite')) continue;
    const known = result !== null && !heard.startsWith('indefinite');
    const until = known ? answeredAt : Number.POSITIVE_INFINITY;
    events.push({ operation, from: at, until, heard: known ? heard : null });
  }
  events.sort((a, b) => a.from - b.from);
  if (search(events, new Set(), new Map(), new Set())) return null;
  const shown = events.map(({ operation, from, until, heard }) => {
    return `${from.toFixed(1)}..${until.toFixed(1)} ${describe(operation)} → ${heard}`;
  });
  return `no order explains:\n${shown.join('\n')}`;
}

function search(
  events: readonly Event[],
  placed: Set<number>,
  state: State,
  failed: Set<string>,
): boolean {
  const open = [...events.keys()].filter((at) => !placed.has(at));
  if (open.every((at) => events[at]?.heard === null)) return true;
  const name = `${open.join()}|${[...state].sort().join()}`;
  if (failed.has(name)) return false;
  const firstReturn = Math.min(...open.map((at) => (events[at] as Event).until));
  for (const at of open) {
    const event = events[at] as Event;
    if (event.from > firstReturn) break;
    const [next, result] = apply(event.operation, state);
    if (event.heard !== null && event.heard !== result) continue;
    placed.add(at);
    if (search(events, placed, next, failed)) return true;
    placed.delete(at);
  }
  failed.add(name);
  return false;
}

function apply(operation: Operation, state: State): [State, string] {
  const next = new Map(state);
  const values: string[] = [];
  if (operation.type === 'get') return [state, `value ${state.get(operation.key) ?? null}`];
  if (operation.type === 'put') {
    next.set(operation.key, textOf(operation.value) as string);
    return [next, 'done'];
  }
  if (operation.type !== 'txn') throw new Error(`the model has no ${operation.type}`);
  for (const step of operation.steps) {
    const held = next.get(step.key);
    if (step.type === 'get') values.push(held ?? '');
    else if (step.type === 'put') next.set(step.key, textOf(step.value) as string);
    else if (step.type === 'delete') next.delete(step.key);
    else {
      const expected = textOf(step.expected) ?? undefined;
      if (held === expected) continue;
      const reason =
        expected === undefined ? 'exists' : held === undefined ? 'absent' : 'different';
      return [state, `refused ${reason} ${held ?? null}`];
    }
  }
  return [next, `committed ${values.join(' ')}`.trimEnd()];
}

function describe(operation: Operation): string {
  const steps = operation.type === 'txn' ? operation.steps : [operation];
  return steps.map((step) => ('key' in step ? `${step.type} ${step.key}` : step.type)).join(', ');
}
