/** Histories as a simulated cluster's clients record them: many clients of an atomic store, on virtual time. */
import { keyFromText } from '../../core/key.js';
import type { ClientResult, DataOperation, TransactionStep } from '../../core/operation.js';
import type { Random } from '../../core/random.js';
import type { History } from '../../history/history.js';
import { MemoryHistory } from '../../history/recorder/memory-history.js';
import { type RecordedCall, Recorder } from '../../history/recorder/recorder.js';

export interface RecordedShape {
  readonly operations: number;
  readonly clients: number;
  readonly keys: number;
  /** Probabilities: of an operation, that it is a transaction; that nobody hears of it; of a read, that it is stale. */
  readonly transactions: number;
  readonly silent: number;
  readonly stale: number;
}

interface Running {
  readonly call: RecordedCall;
  readonly operation: DataOperation;
  readonly effectAt: number;
  readonly endsAt: number;
  result: ClientResult | null;
}

const encoder = new TextEncoder();

export function recordedHistory(random: Random, shape: RecordedShape): History {
  const memory = new MemoryHistory();
  let now = 0;
  const recorder = new Recorder({ sink: memory, now: () => now });
  const clients = Array.from({ length: shape.clients }, (_, at) => recorder.client(`c${at}`));
  const running: (Running | null)[] = clients.map(() => null);
  const store = new Map<string, (Uint8Array | null)[]>();
  let written = 0;
  let stamp = 0;
  const read = (key: string): Uint8Array | null => {
    const held = store.get(key) ?? [null];
    return (
      held[held.length - 1 - (random.chance(shape.stale) ? random.below(held.length) : 0)] ?? null
    );
  };
  const put = (key: string, value: Uint8Array | null) => {
    const held = store.get(key) ?? [null];
    store.set(key, [...held, value]);
  };
  const nextVersion = () => ({ stamp: ++stamp, node: 'n1' });
  const nextValue = () => encoder.encode(`v${written++}`);
  const draw = (): DataOperation => {
    const key = keyFromText(`k${random.below(shape.keys)}`);
    if (random.chance(shape.transactions)) {
      const steps = Array.from({ length: 1 + random.below(4) }, (): TransactionStep => {
        const own = keyFromText(`k${random.below(shape.keys)}`);
        return random.chance(0.5)
          ? { type: 'get', key: own }
          : { type: 'put', key: own, value: nextValue() };
      });
      return { type: 'txn', steps };
    }
    const draws = random.below(20);
    if (draws < 9) return { type: 'get', key };
    if (draws < 16) return { type: 'put', key, value: nextValue() };
    if (draws < 17) return { type: 'delete', key };
    if (draws < 18) return { type: 'insert', key, value: nextValue() };
    if (draws < 19) return { type: 'update', key, value: nextValue() };
    return { type: 'cas', key, expected: read(key), value: nextValue() };
  };
  const apply = (operation: DataOperation): ClientResult => {
    if (operation.type === 'txn') {
      const values: (Uint8Array | null)[] = [];
      const own = new Map<string, Uint8Array | null>();
      for (const step of operation.steps) {
        if (step.type === 'get') values.push(own.get(step.key) ?? read(step.key));
        else if (step.type === 'put') own.set(step.key, step.value);
      }
      for (const [key, value] of own) put(key, value);
      return { type: 'committed', version: nextVersion(), values };
    }
    const { type, key } = operation;
    const held = read(key);
    if (type === 'get') return { type: 'value', value: held, version: null };
    const refuse = (reason: 'exists' | 'absent' | 'different'): ClientResult => ({
      ...{ type: 'refused', reason, actual: held, version: null },
    });
    if (type === 'insert' && held !== null) return refuse('exists');
    if (type === 'update' && held === null) return refuse('absent');
    if (type === 'cas' && String(held) !== String(operation.expected)) return refuse('different');
    put(key, type === 'delete' ? null : operation.value);
    return { type: 'done', version: nextVersion(), existed: null };
  };
  for (let begun = 0; begun < shape.operations || running.some((one) => one !== null); ) {
    const at = random.below(clients.length);
    now += random.below(20) / 10;
    for (const one of running) {
      if (one !== null && one.result === null && one.effectAt <= now)
        one.result = apply(one.operation);
    }
    const one = running[at] ?? null;
    if (one === null) {
      if (begun >= shape.operations) continue;
      begun++;
      const operation = draw();
      const endsAt = now + 1 + random.below(10 * clients.length) / 10;
      const call = clients[at]?.invoke(operation) as RecordedCall;
      running[at] = {
        call,
        operation,
        effectAt: now + random.next() * (endsAt - now),
        endsAt,
        result: null,
      };
    } else if (one.endsAt <= now) {
      const isSilent = random.chance(shape.silent);
      const silence: ClientResult = {
        type: 'error',
        code: 'timeout',
        definite: false,
        message: '',
      };
      one.call.end(isSilent ? silence : (one.result ?? silence), 'n1');
      running[at] = null;
    }
  }
  return memory.history();
}
