/**
 * Writes a history of a register store to standard output, as JSON lines, for measuring `kvx check`:
 *
 *   node test/bench/history.js --operations 1000000 --clients 32 --keys 100 > history.jsonl
 *   node test/bench/history.js --operations 1000 --clients 20 --keys 1 --stale 1 > stale.jsonl
 *
 * Every operation takes effect at some time between its beginning and its end, so the history is linearizable, but for
 * as many reads as --stale says, which return what was overwritten long ago. The same options give the same history.
 */
import { parseArgs } from 'node:util';

const { values: given } = parseArgs({
  options: {
    operations: { type: 'string', default: '1000' },
    clients: { type: 'string', default: '20' },
    keys: { type: 'string', default: '1' },
    stale: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
  },
});
const { operations, clients, keys, stale, seed } = {
  operations: Number(given.operations),
  clients: Number(given.clients),
  keys: Number(given.keys),
  stale: Number(given.stale),
  seed: Number(given.seed),
};

let state = seed >>> 0 || 1;
/** Mulberry32: a whole number below `bound`. @param {number} bound */
function below(bound) {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
}

/** What a client is doing: it began, takes effect, ends. */
const open = Array.from({ length: clients }, () => ({ step: 0, key: 0, value: '', isRead: true }));
const held = Array.from({ length: keys }, () => /** @type {string[]} */ ([]));
let [time, begun, writes, lies] = [0, 0, 0, 0];
let text = '';

/** @param {number} process @param {string} type @param {string | null} value */
function line(process, type, value) {
  const { key, isRead } = /** @type {typeof open[number]} */ (open[process]);
  const shown = value === null ? 'null' : `"${value}"`;
  time += 1 + below(2000);
  text += `{"process":${process},"type":"${type}","f":"${isRead ? 'get' : 'put'}","key":"k${key}","value":${shown},"time":${time}}\n`;
  if (text.length < 1 << 16) return;
  process_.write(text);
  text = '';
}
const process_ = process.stdout;

/** One more step of one client; false when all is done. */
function advance() {
  const client = below(clients);
  const own = /** @type {typeof open[number]} */ (open[client]);
  const store = /** @type {string[]} */ (held[own.key]);
  if (own.step === 0) {
    if (begun === operations) return open.some(({ step }) => step > 0);
    Object.assign(own, { step: 1, key: below(keys), isRead: below(2) === 0 });
    own.value = own.isRead ? '' : `${client}-${writes++}`;
    begun += 1;
    line(client, 'invoke', own.isRead ? null : own.value);
  } else if (own.step === 1) {
    own.step = 2;
    if (!own.isRead) store.push(own.value);
    else {
      const isLie = lies < stale && begun > (operations * (lies + 1)) / (stale + 1);
      if (isLie) lies += 1;
      own.value = store[store.length - (isLie ? 1 + clients * 2 : 1)] ?? '';
    }
  } else {
    own.step = 0;
    line(client, 'ok', own.value === '' ? null : own.value);
  }
  return true;
}

while (advance());
process_.write(text);
