import { expect, test } from 'vitest';
import { keyFromBytes, keyFromText } from '../../core/key.js';
import type { ClientResult, DataOperation } from '../../core/operation.js';
import { SeededRandom } from '../../core/random.js';
import { parseHistory } from '../read.js';
import { MemorySink } from '../testing/memory-sink.js';
import { JsonLines } from './json-lines.js';
import { MemoryHistory } from './memory-history.js';
import { type EventSink, type RecordedCall, Recorder } from './recorder.js';

const bytes = (...codes: number[]) => Uint8Array.from(codes);
const keys = [keyFromText('x'), keyFromText('é"\n'), keyFromBytes(bytes(0xff, 0))];
const values = [bytes(), bytes(0x61), bytes(0xc3, 0xa9), bytes(0xff), bytes(0x22, 0x0a), null];

function anyOperation(random: SeededRandom): DataOperation {
  const key = random.pick(keys);
  const value = random.pick(values);
  const some = value ?? bytes(0x62);
  return random.pick<DataOperation>([
    { type: 'get', key },
    { type: 'put', key, value: some },
    { type: 'delete', key },
    { type: 'insert', key, value: some },
    { type: 'update', key, value: some },
    { type: 'cas', key, expected: random.pick(values), value },
    {
      type: 'txn',
      steps: [
        { type: 'get', key },
        { type: 'check', key, expected: value },
        { type: 'put', key: random.pick(keys), value: some },
        { type: 'delete', key },
        { type: 'get', key: random.pick(keys) },
      ],
    },
  ]);
}

function anyResult(random: SeededRandom, { type }: DataOperation): ClientResult {
  const version = { stamp: random.below(1000), node: random.pick(['n1', 'n2']) };
  if (random.chance(0.3)) {
    const definite = random.chance(0.5);
    return { type: 'error', code: 'timeout', definite, message: 'no answer' };
  }
  if (type === 'get')
    return { type: 'value', value: random.pick(values), version: random.pick([version, null]) };
  if (type === 'txn' && random.chance(0.7)) {
    return { type: 'committed', version, values: [random.pick(values), random.pick(values)] };
  }
  if (type === 'put' || type === 'delete' || (type !== 'txn' && random.chance(0.5))) {
    return { type: 'done', version, existed: null };
  }
  return { type: 'refused', reason: 'different', actual: random.pick(values), version: null };
}

/** The same, whatever it is written to. */
function record(sink: EventSink, seed: number): void {
  const random = new SeededRandom(seed);
  let now = 0;
  const recorder = new Recorder({ sink, now: () => now });
  const clients = [recorder.client('c0'), recorder.client('c1'), recorder.client()];
  const open: { call: RecordedCall; operation: DataOperation }[] = [];
  for (let event = 0; event < 60; event++) {
    now += random.below(3) / 10;
    if (random.chance(0.2)) {
      const id = random.pick([1, 2, 'n1 killed']);
      const fault = { id, words: `fault ${id} é"`, by: random.pick(['user', null]) };
      if (random.chance(0.5)) recorder.faultBegan(fault);
      else recorder.faultEnded(fault);
    }
    if (random.chance(0.5)) {
      const operation = anyOperation(random);
      const call = random.pick(clients).invoke(operation);
      if (call !== null) open.push({ call, operation });
    } else if (open.length > 0) {
      const [ended] = open.splice(random.below(open.length), 1) as [(typeof open)[number]];
      ended.call.end(anyResult(random, ended.operation), random.pick(['n1', 'n3', null]));
    }
  }
  recorder.close();
}

test('a history in memory is the one that would be read from its file', () => {
  let faults = 0;
  for (let seed = 0; seed < 100; seed++) {
    const memory = new MemoryHistory();
    record(memory, seed);
    const file = new MemorySink();
    record(new JsonLines(file), seed);
    expect(memory.history()).toEqual(parseHistory(file.text));
    faults += memory.history().faults.length;
  }
  expect(faults).toBeGreaterThan(100);
});
