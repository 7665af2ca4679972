import { type History, type Step, unsaid } from './history.js';

/** Past it comes an error rather than memory: a row is 62 bytes. */
export const operationsMax = 100_000_000;

type Names = Pick<History, 'keys' | 'values' | 'nodes' | 'sessions'>;

/** The columns of a {@link History} while they grow, row by row. */
export class Columns {
  count = 0;
  process = new Int32Array(0);
  kind = new Uint8Array(0);
  outcome = new Uint8Array(0);
  key = new Int32Array(0);
  written = new Int32Array(0);
  expected = new Int32Array(0);
  seen = new Int32Array(0);
  invokedAt = new Float64Array(0);
  returnedAt = new Float64Array(0);
  node = new Int32Array(0);
  session = new Int32Array(0);
  versionStamp = new Float64Array(0);
  versionNode = new Int32Array(0);
  line = new Int32Array(0);
  readonly steps = new Map<number, readonly Step[]>();

  /** A row of its own for one more operation, about which only `unsaid` is said. */
  add(): number {
    const at = this.count++;
    if (at === this.process.length) this.#resize(Math.max(64, at * 2));
    this.key[at] = unsaid;
    this.written[at] = unsaid;
    this.expected[at] = unsaid;
    this.seen[at] = unsaid;
    this.returnedAt[at] = Number.POSITIVE_INFINITY;
    this.node[at] = unsaid;
    this.session[at] = unsaid;
    this.versionStamp[at] = Number.NaN;
    this.versionNode[at] = unsaid;
    return at;
  }

  finish(names: Names): History {
    this.#resize(this.count);
    const { count, process, kind, outcome, key, written, expected, seen, steps } = this;
    const { invokedAt, returnedAt, node, session, versionStamp, versionNode, line } = this;
    return {
      ...{ count, process, kind, outcome, key, written, expected, seen, invokedAt, returnedAt },
      ...{ node, session, versionStamp, versionNode, line, steps },
      ...names,
    };
  }

  #resize(length: number): void {
    this.process = resized(this.process, new Int32Array(length));
    this.kind = resized(this.kind, new Uint8Array(length));
    this.outcome = resized(this.outcome, new Uint8Array(length));
    this.key = resized(this.key, new Int32Array(length));
    this.written = resized(this.written, new Int32Array(length));
    this.expected = resized(this.expected, new Int32Array(length));
    this.seen = resized(this.seen, new Int32Array(length));
    this.invokedAt = resized(this.invokedAt, new Float64Array(length));
    this.returnedAt = resized(this.returnedAt, new Float64Array(length));
    this.node = resized(this.node, new Int32Array(length));
    this.session = resized(this.session, new Int32Array(length));
    this.versionStamp = resized(this.versionStamp, new Float64Array(length));
    this.versionNode = resized(this.versionNode, new Int32Array(length));
    this.line = resized(this.line, new Int32Array(length));
  }
}

/** Both are of one type: `to` with what fits of `from`. */
function resized<T extends Int32Array | Uint8Array | Float64Array>(from: T, to: T): T {
  to.set(from.length <= to.length ? from : from.subarray(0, to.length));
  return to;
}
