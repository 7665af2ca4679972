/**
 * Writes a history of transactions to standard output, as JSON lines, for measuring `kvx check`:
 *
 *   node test/bench/transactions.js --transactions 100000 > appends.jsonl
 *   node test/bench/transactions.js --transactions 100000 --kind w --stale 1 > registers.jsonl
 *
 * Each transaction takes effect at one moment between its beginning and its end, so the history is strictly serializable,
 * but for as many as --stale says, which read as it was --lag commits ago. After so many writes a key is used no more.
 */
import { parseArgs } from 'node:util';

const { values: given } = parseArgs({
  options: {
    transactions: { type: 'string', default: '1000' },
    clients: { type: 'string', default: '20' },
    keys: { type: 'string', default: '10' },
    writes: { type: 'string', default: '100' },
    kind: { type: 'string', default: 'append' },
    stale: { type: 'string', default: '0' },
    lag: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
  },
});
const { transactions, clients, keys, writes, stale, lag, seed } = {
  transactions: Number(given.transactions),
  clients: Number(given.clients),
  keys: Number(given.keys),
  writes: Number(given.writes),
  stale: Number(given.stale),
  lag: Number(given.lag),
  seed: Number(given.seed),
};
const isList = given.kind === 'append';

let state = seed >>> 0 || 1;
/** Mulberry32: a whole number below `bound`. @param {number} bound */
function below(bound) {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
}

/** @typedef {[string, string, string | string[] | null]} Step */
/** @type {{ step: number, steps: Step[] }[]} */
const open = Array.from({ length: clients }, () => ({ step: 0, steps: [] }));
/** By key, what it has held. @type {Map<string, string[]>} */
const held = new Map();
/** @type {string[]} */
const names = Array.from({ length: keys }, (_, at) => `k${at}`);
let [time, begun, lies, made] = [0, 0, 0, keys];

/** @param {number} process @param {string} type @param {Step[]} value */
function line(process, type, value) {
  time += 1 + below(2000);
  output.write(`${JSON.stringify({ process, type, f: 'txn', value, time })}\n`);
}
const output = process.stdout;

/** @param {Step[]} steps */
function takeEffect(steps) {
  const isLie = lies < stale && begun > (transactions * (lies + 1)) / (stale + 1);
  if (isLie) lies += 1;
  for (const step of steps) {
    const [f, key, value] = step;
    const past = held.get(key) ?? [];
    held.set(key, past);
    if (f === 'r') {
      const length = Math.max(0, past.length - (isLie ? lag : 0));
      step[2] = isList ? past.slice(0, length) : (past[length - 1] ?? null);
    } else {
      past.push(/** @type {string} */ (value));
      const at = names.indexOf(key);
      if (past.length >= writes && at >= 0) names[at] = `k${made++}`;
    }
  }
}

let values = 0;
/** One more step of one client; false when all is done. */
function advance() {
  const client = below(clients);
  const own = /** @type {typeof open[number]} */ (open[client]);
  if (own.step === 0) {
    if (begun === transactions) return open.some(({ step }) => step > 0);
    begun += 1;
    own.steps = Array.from({ length: 1 + below(4) }, () => {
      const key = /** @type {string} */ (names[below(names.length)]);
      return below(2) === 0 ? ['r', key, null] : [isList ? 'append' : 'w', key, `${++values}`];
    });
    line(client, 'invoke', own.steps);
    own.step = 1;
  } else if (own.step === 1) {
    takeEffect(own.steps);
    own.step = 2;
  } else {
    own.step = 0;
    line(client, 'ok', own.steps);
  }
  return true;
}

while (advance());
