import { expect, it } from 'vitest';
import { Collector } from './memory.js';

const mebibyte = 1024 * 1024;

/** A heap of which so many MiB are needed; the rest goes when it is collected. */
class FakeHeap {
  used = 10;
  needed = 10;
  buffers = 5;
  now = 1000;
  collected: string[] = [];
  readonly collector = new Collector(
    (options) => {
      this.collected.push(options?.type ?? 'whole');
      this.buffers = 5;
      if (options === undefined) this.used = this.needed;
    },
    () => ({ external_memory: this.buffers * mebibyte, used_heap_size: this.used * mebibyte }),
    () => this.now,
  );

  look(used = this.used): string[] {
    this.used = used;
    this.now += 100;
    this.collected = [];
    this.collector.look();
    return this.collected;
  }
}

it('collects a heap that has grown, as often as a twentieth of the time allows', () => {
  const heap = new FakeHeap();
  expect([heap.look(), heap.look(30), heap.look(41)]).toEqual([[], [], []]);
  expect(heap.look(43)).toEqual(['whole']);
  // 10 ms for 10 MiB, then 200 ms of rest.
  expect([heap.look(60), heap.look(60)]).toEqual([[], ['whole']]);
});

it('asks more growth of a heap that holds much, and leaves a large one to V8', () => {
  const heap = new FakeHeap();
  heap.needed = 80;
  expect([heap.look(80), heap.look(115), heap.look(121)]).toEqual([[], [], ['whole']]);
  heap.needed = 130;
  heap.now += 10_000;
  expect([heap.look(130), heap.look(200), heap.look(210)]).toEqual([[], [], []]);
});

it('collects young buffers while there is a load, and all when it is over', () => {
  const heap = new FakeHeap();
  heap.look();
  heap.buffers = 30;
  expect(heap.look()).toEqual(['minor']);
  const looks = Array.from({ length: 15 }, () => heap.look());
  expect(looks.flat()).toEqual(['whole']);
});
