import { describe, expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import { connectionLimits, requestLimits, turnLimits } from '../core/limits.js';
import type { ClientResult, Operation } from '../core/operation.js';
import { RequestQueue, RequestSource, type TurnShare } from './request-queue.js';

const key = keyFromText('k');
const mebibyte = 1024 * 1024;
const get: Operation = { type: 'get', key };
const deletion: Operation = { type: 'delete', key };
const put = (bytes: number): Operation => ({ type: 'put', key, value: new Uint8Array(bytes) });
const done: ClientResult = { type: 'done', version: { stamp: 1, node: 'n1' }, existed: null };
const found = (bytes: number): ClientResult => {
  return { type: 'value', value: new Uint8Array(bytes), version: null };
};

/** Requests named by their number; what began is noted in order. */
class Requests {
  readonly queue: RequestQueue;
  readonly begun: number[] = [];
  readonly tooLate: number[] = [];
  #last = 0;

  constructor(bytesHeld: number | null = 0) {
    this.queue = new RequestQueue(() => bytesHeld);
  }

  /** Returns the numbers of those that found room. */
  offer(source: RequestSource, operation: Operation, count = 1, timeoutMs = 1000): number[] {
    const taken: number[] = [];
    for (let each = 0; each < count; each++) {
      const id = ++this.#last;
      const options = { level: null, session: null, floor: null, timeoutMs };
      const request = { id, operation, ...options };
      if (this.queue.offer({ request, source, name: id }, 0)) taken.push(id);
    }
    return taken;
  }

  /** One turn: the numbers of those that began in it. */
  turn(share: Partial<TurnShare> = {}): number[] {
    const before = this.begun.length;
    const { inputsMax, bytesMax } = turnLimits;
    this.queue.take(
      { now: 0, inputsMax, bytesMax, links: 'free', ...share },
      {
        begin: ({ id }) => this.begun.push(id),
        tooLate: ({ request }) => this.tooLate.push(request.id),
      },
    );
    return this.begun.slice(before);
  }

  /** Turns and answers until nothing waits; how many turns that took. */
  finish(result = done): number {
    let answered = 0;
    for (let turns = 1; turns < 100_000; turns++) {
      this.turn();
      for (; answered < this.begun.length; answered++) {
        this.queue.answered(this.begun[answered] as number, result);
      }
      if (this.queue.waitingCount === 0) return turns;
    }
    throw new Error('requests wait for ever');
  }
}

describe('fair turns', () => {
  it('serve a single request before most of a pipeline that came earlier', () => {
    const requests = new Requests();
    requests.offer(new RequestSource(), deletion, 10_000);
    const [other] = requests.offer(new RequestSource(), deletion);
    const first = requests.turn();
    expect(first.indexOf(other as number)).toBeGreaterThanOrEqual(0);
    expect(first.indexOf(other as number)).toBeLessThan(100);
  });

  it('serve small requests before large ones of others, however many connections send large ones', () => {
    const requests = new Requests();
    for (let each = 0; each < 64; each++) requests.offer(new RequestSource(), put(mebibyte));
    const [small] = requests.offer(new RequestSource(), put(100));
    expect(requests.turn()[0]).toBe(small);
  });

  it('share bytes, not only numbers: 64 KiB values get an eighth of what 8 KiB values get', () => {
    const requests = new Requests();
    const [large, small] = [new RequestSource(), new RequestSource()];
    const largeOnes = new Set(requests.offer(large, put(64 * 1024), 15));
    requests.offer(small, put(8 * 1024), 120);
    const begun = requests.turn({ bytesMax: 100 * mebibyte }).slice(0, 60);
    const count = begun.filter((id) => largeOnes.has(id)).length;
    expect(count).toBeGreaterThanOrEqual(5);
    expect(count).toBeLessThanOrEqual(9);
  });

  it('keep the order of each connection', () => {
    const requests = new Requests();
    const sources = Array.from({ length: 3 }, () => new RequestSource());
    const order = sources.map(() => [] as number[]);
    for (let each = 0; each < 300; each++) {
      const of = each % 3;
      const size = each % 7 === 0 ? 100_000 : 10;
      order[of]?.push(...requests.offer(sources[of] as RequestSource, put(size)));
    }
    requests.finish();
    for (const ids of order) expect(requests.begun.filter((id) => ids.includes(id))).toEqual(ids);
  });

  it('end for everybody, whatever the sizes', () => {
    const requests = new Requests();
    const sources = Array.from({ length: 8 }, () => new RequestSource());
    for (let each = 0; each < 400; each++) {
      const size = [10, 5000, 70_000, mebibyte][(each * 7) % 4] as number;
      requests.offer(sources[each % 8] as RequestSource, put(size));
    }
    const count = requests.begun.length + requests.queue.waitingCount;
    requests.finish();
    expect(new Set(requests.begun).size).toBe(count);
    expect(requests.queue.bytesUnderWay).toBe(0);
  });
});

describe('bytes under way', () => {
  it('are bounded for a node, and small requests have room beside large ones', () => {
    const requests = new Requests();
    for (let each = 0; each < 32; each++) requests.offer(new RequestSource(), put(mebibyte));
    for (let turn = 0; turn < 10; turn++) requests.turn();
    const { bytesUnderWayMax } = requestLimits;
    expect(requests.queue.bytesUnderWay).toBeGreaterThanOrEqual(bytesUnderWayMax);
    expect(requests.queue.bytesUnderWay).toBeLessThan(bytesUnderWayMax + 2 * mebibyte);
    const small = requests.offer(new RequestSource(), put(100), 100);
    expect(requests.turn()).toEqual(small);
    requests.finish();
  });

  it('count the answers of reads, where the key is held here', () => {
    const requests = new Requests(mebibyte);
    for (let each = 0; each < 32; each++) requests.offer(new RequestSource(), get, 10);
    for (let turn = 0; turn < 10; turn++) requests.turn();
    expect(requests.begun).toHaveLength(requestLimits.bytesUnderWayMax / mebibyte);
    requests.finish(found(mebibyte));
    expect(requests.begun).toHaveLength(320);
  });

  it('elsewhere are what the last answers had, and few such reads are under way at once', () => {
    const requests = new Requests(null);
    const source = new RequestSource();
    requests.offer(source, get, 2000);
    let answered = 0;
    const answerAll = (bytes: number) => {
      for (; answered < requests.begun.length; answered++) {
        requests.queue.answered(requests.begun[answered] as number, found(bytes));
      }
    };
    expect(requests.turn().length).toBeLessThan(10);
    answerAll(mebibyte);
    for (let turn = 0; turn < 5; turn++) requests.turn();
    expect(requests.begun.length - answered).toBeLessThanOrEqual(
      requestLimits.bytesUnderWayMax / mebibyte,
    );
    answerAll(100);
    while (requests.begun.length < 1000) {
      expect(requests.turn().length).toBeLessThanOrEqual(requestLimits.unknownUnderWayMax);
      answerAll(100);
    }
    expect(requests.turn()).toHaveLength(requestLimits.unknownUnderWayMax);
  });

  it('are bounded for a connection together with what its client has not read', () => {
    const requests = new Requests(mebibyte);
    const [silent, other] = [new RequestSource(), new RequestSource()];
    silent.bytesUnread = connectionLimits.bytesUnderWayMax;
    requests.offer(silent, get);
    const [theirs] = requests.offer(other, get);
    expect(requests.turn()).toEqual([theirs]);
    silent.bytesUnread = 0;
    expect(requests.turn()).toHaveLength(1);
  });

  it('stay with the connection that greeds for them: requests of one under way are bounded, too', () => {
    const requests = new Requests();
    requests.offer(new RequestSource(), deletion, 2000);
    for (let turn = 0; turn < 10; turn++) requests.turn();
    expect(requests.begun).toHaveLength(connectionLimits.underWayMax);
    const other = requests.offer(new RequestSource(), deletion, 10);
    expect(requests.turn()).toEqual(other);
  });

  it('do not grow while peers take in too little', () => {
    const requests = new Requests();
    const [small] = requests.offer(new RequestSource(), put(10));
    const [large] = requests.offer(new RequestSource(), put(mebibyte));
    expect(requests.turn({ links: 'stopped' })).toEqual([]);
    expect(requests.turn({ links: 'slow' })).toEqual([small]);
    expect(requests.turn({ links: 'free' })).toEqual([large]);
  });
});

describe('what waits', () => {
  it('is bounded in number and bytes; more is not taken', () => {
    const many = new Requests();
    for (let each = 0; each < 100; each++) many.offer(new RequestSource(), deletion, 200);
    expect(many.queue.waitingCount).toBe(requestLimits.waitingMax);
    const large = new Requests();
    for (let each = 0; each < 100; each++) large.offer(new RequestSource(), put(mebibyte));
    expect(large.queue.waitingCount).toBeLessThanOrEqual(requestLimits.bytesWaitingMax / mebibyte);
  });

  it('makes its connection one that is not read, and tells when it is no more', () => {
    const requests = new Requests();
    const source = new RequestSource();
    let told = 0;
    source.onTaken = () => told++;
    requests.offer(source, deletion, connectionLimits.waitingMax - 1);
    expect(source.isFull).toBe(false);
    requests.offer(source, deletion);
    expect(source.isFull).toBe(true);
    requests.turn();
    expect([source.isFull, told > 0]).toEqual([false, true]);
    requests.offer(source, put(connectionLimits.bytesWaitingMax));
    expect(source.isFull).toBe(true);
  });

  it('for longer than its client does never begins', () => {
    const requests = new Requests();
    const source = new RequestSource();
    const [late] = requests.offer(source, deletion, 1, 100);
    const [early] = requests.offer(source, deletion, 1, 1000);
    expect(requests.turn({ now: 100 })).toEqual([early]);
    expect(requests.tooLate).toEqual([late]);
  });
});
