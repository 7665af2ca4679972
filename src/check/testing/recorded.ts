/** Histories as a simulated cluster's clients record them: many clients of an atomic store, on virtual time. */
import { type Key, keyFromText } from '../../core/key.js';
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
  const store = new AtomicStore(random, shape);
  for (let begun = 0; begun < shape.operations || running.some((one) => one !== null); ) {
    const at = random.below(clients.length);
    now += random.below(20) / 10;
    for (const one of running) {
      if (one !== null && one.result === null && one.effectAt <= now) {
        one.result = store.apply(one.operation);
      }
    }
    const one = running[at] ?? null;
    if (one === null) {
      if (begun >= shape.operations) continue;
      begun++;
      const operation = store.draw();
      const endsAt = now + 1 + random.below(10 * clients.length) / 10;
      const call = clients[at]?.invoke(operation) as RecordedCall;
      const effectAt = now + random.next() * (endsAt - now);
      running[at] = { call, operation, effectAt, endsAt, result: null };
    } else if (one.endsAt <= now) {
      one.call.end(random.chance(shape.silent) ? silence : (one.result ?? silence), 'n1');
      running[at] = null;
    }
  }
  return memory.history();
}

const silence: ClientResult = { type: 'error', code: 'timeout', definite: false, message: '' };

/** What it is asked happens at once; only its reads are at times stale. */
class AtomicStore {
  readonly #random: Random;
  readonly #shape: RecordedShape;
  readonly #held = new Map<Key, (Uint8Array | null)[]>();
  #values = 0;
  #stamp = 0;

  constructor(random: Random, shape: RecordedShape) {
    this.#random = random;
    this.#shape = shape;
  }

  draw(): DataOperation {
    const random = this.#random;
    const key = this.#drawKey();
    if (random.chance(this.#shape.transactions)) {
      const steps = Array.from({ length: 1 + random.below(4) }, (): TransactionStep => {
        const own = this.#drawKey();
        if (random.chance(0.5)) return { type: 'get', key: own };
        return { type: 'put', key: own, value: this.#nextValue() };
      });
      return { type: 'txn', steps };
    }
    const draw = random.below(20);
    if (draw < 9) return { type: 'get', key };
    if (draw < 16) return { type: 'put', key, value: this.#nextValue() };
    if (draw < 17) return { type: 'delete', key };
    if (draw < 18) return { type: 'insert', key, value: this.#nextValue() };
    if (draw < 19) return { type: 'update', key, value: this.#nextValue() };
    return { type: 'cas', key, expected: this.#read(key), value: this.#nextValue() };
  }

  apply(operation: DataOperation): ClientResult {
    if (operation.type === 'txn') return this.#commit(operation.steps);
    const { type, key } = operation;
    const held = this.#read(key);
    if (type === 'get') return { type: 'value', value: held, version: null };
    const refuse = (reason: 'exists' | 'absent' | 'different'): ClientResult => ({
      ...{ type: 'refused', reason, actual: held, version: null },
    });
    if (type === 'insert' && held !== null) return refuse('exists');
    if (type === 'update' && held === null) return refuse('absent');
    if (type === 'cas' && String(held) !== String(operation.expected)) return refuse('different');
    this.#put(key, type === 'delete' ? null : operation.value);
    return { type: 'done', version: this.#nextVersion(), existed: null };
  }

  #commit(steps: readonly TransactionStep[]): ClientResult {
    const values: (Uint8Array | null)[] = [];
    const own = new Map<Key, Uint8Array | null>();
    for (const step of steps) {
      if (step.type === 'get') values.push(own.get(step.key) ?? this.#read(step.key));
      else if (step.type === 'put') own.set(step.key, step.value);
    }
    for (const [key, value] of own) this.#put(key, value);
    return { type: 'committed', version: this.#nextVersion(), values };
  }

  #drawKey(): Key {
    return keyFromText(`k${this.#random.below(this.#shape.keys)}`);
  }

  #read(key: Key): Uint8Array | null {
    const held = this.#held.get(key) ?? [null];
    const back = this.#random.chance(this.#shape.stale) ? this.#random.below(held.length) : 0;
    return held[held.length - 1 - back] ?? null;
  }

  #put(key: Key, value: Uint8Array | null): void {
    this.#held.set(key, [...(this.#held.get(key) ?? [null]), value]);
  }

  #nextValue(): Uint8Array {
    return encoder.encode(`v${this.#values++}`);
  }

  #nextVersion() {
    return { stamp: ++this.#stamp, node: 'n1' };
  }
}
