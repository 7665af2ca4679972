/** What Redis does with strings, said once more and plainly: a Map, and clients that queue and watch. */
import type { Asking, Said } from './cases/redis-case.js';

const noInteger = '-ERR value is not an integer or out of range';
const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n];

type Values = Map<string, string>;
type Does = (values: Values, args: readonly string[]) => Said;

function integerIn(text: string): bigint | null {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return null;
  const value = BigInt(text);
  return value < least || value > most ? null : value;
}

const numberSaid = (value: bigint): Said =>
  Number.isSafeInteger(Number(value)) ? Number(value) : `:${value}`;

function added(values: Values, key: string, by: string, sign: bigint): Said {
  const step = integerIn(by);
  if (step === null) return noInteger;
  if (sign < 0 && step === least) return '-ERR decrement would overflow';
  const before = integerIn(values.get(key) ?? '0');
  if (before === null) return noInteger;
  const sum = before + sign * step;
  if (sum < least || sum > most) return '-ERR increment or decrement would overflow';
  values.set(key, `${sum}`);
  return numberSaid(sum);
}

function set(values: Values, [key = '', value = '', ...options]: readonly string[]): Said {
  const has = (option: string): boolean => options.includes(option);
  if (has('NX') && has('XX')) return '-ERR syntax error';
  const before = values.get(key) ?? null;
  const isDue = !(has('NX') && before !== null) && !(has('XX') && before === null);
  if (isDue) values.set(key, value);
  if (has('GET')) return before;
  return isDue ? '+OK' : null;
}

const pairs = (args: readonly string[]): [string, string][] =>
  args.flatMap((key, at) => (at % 2 === 0 ? [[key, args[at + 1] as string]] : []));

const counted = (keys: readonly string[], isOne: (key: string) => boolean): number =>
  keys.filter(isOne).length;

const does: Readonly<Record<string, Does>> = {
  GET: (values, [key = '']) => values.get(key) ?? null,
  SET: set,
  SETNX: (values, [key = '', value = '']) => (set(values, [key, value, 'NX']) === null ? 0 : 1),
  GETSET: (values, [key = '', value = '']) => set(values, [key, value, 'GET']),
  GETDEL(values, [key = '']) {
    const before = values.get(key) ?? null;
    values.delete(key);
    return before;
  },
  MGET: (values, keys) => keys.map((key) => values.get(key) ?? null),
  MSET(values, args) {
    for (const [key, value] of pairs(args)) values.set(key, value);
    return '+OK';
  },
  MSETNX(values, args) {
    if (pairs(args).some(([key]) => values.has(key))) return 0;
    for (const [key, value] of pairs(args)) values.set(key, value);
    return 1;
  },
  DEL: (values, keys) => counted(keys, (key) => values.delete(key)),
  UNLINK: (values, keys) => counted(keys, (key) => values.delete(key)),
  EXISTS: (values, keys) => counted(keys, (key) => values.has(key)),
  STRLEN: (values, [key = '']) => values.get(key)?.length ?? 0,
  APPEND(values, [key = '', more = '']) {
    values.set(key, (values.get(key) ?? '') + more);
    return values.get(key)?.length ?? 0;
  },
  INCR: (values, [key = '']) => added(values, key, '1', 1n),
  DECR: (values, [key = '']) => added(values, key, '1', -1n),
  INCRBY: (values, [key = '', by = '']) => added(values, key, by, 1n),
  DECRBY: (values, [key = '', by = '']) => added(values, key, by, -1n),
  PING: () => '+PONG',
};

export class ModelClient implements Asking {
  readonly #values: Values;
  #queue: (readonly string[])[] | null = null;
  readonly #watched = new Map<string, string | undefined>();

  constructor(values: Values) {
    this.#values = values;
  }

  async ask(words: readonly string[]): Promise<Said> {
    const [name = '', ...args] = words;
    switch (name) {
      case 'MULTI':
        if (this.#queue !== null) return '-ERR MULTI calls can not be nested';
        this.#queue = [];
        return '+OK';
      case 'EXEC':
        return this.#exec();
      case 'DISCARD':
        if (this.#queue === null) return '-ERR DISCARD without MULTI';
        this.#end();
        return '+OK';
      case 'WATCH':
        if (this.#queue !== null) return '-ERR WATCH inside MULTI is not allowed';
        for (const key of args) {
          if (!this.#watched.has(key)) this.#watched.set(key, this.#values.get(key));
        }
        return '+OK';
    }
    if (this.#queue === null) return this.#run(words);
    this.#queue.push(words);
    return '+QUEUED';
  }

  #exec(): Said {
    const queue = this.#queue;
    if (queue === null) return '-ERR EXEC without MULTI';
    const isSame = [...this.#watched].every(([key, value]) => this.#values.get(key) === value);
    this.#end();
    return isSame ? queue.map((words) => this.#run(words)) : null;
  }

  #run([name = '', ...args]: readonly string[]): Said {
    if (name === 'UNWATCH') {
      this.#watched.clear();
      return '+OK';
    }
    return (does[name] as Does)(this.#values, args);
  }

  #end(): void {
    this.#queue = null;
    this.#watched.clear();
  }
}
