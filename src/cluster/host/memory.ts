/**
 * Gives memory back: after a load of large values, and while frames are read that leave much garbage.
 *
 * What lives for a moment while there is much of it, such as a large frame, grows old, and V8 lets some 50 MiB of it pile up
 * in each thread before it collects the old. Measured beside hostile frames, with three nodes: 350 to 600 MiB, and 250 with
 * what is here.
 *
 * V8 lets tens of MiB of buffers that nobody needs any more lie about in each thread before it collects them, and when
 * the load ends it collects no more. And malloc raises, at the first large buffer that is freed, the size from which on
 * it gives freed memory back to the system; from then on a daemon keeps most of what it ever had. Measured with four
 * threads and values of 1 MiB: 447 MiB kept of 450; with what is here, 170.
 */
import { getHeapStatistics, type HeapInfo, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * For the environment of a process of nodes: glibc gives back what is freed in blocks of this size and more, unless it is told otherwise;
 * and each thread keeps three spaces of so many MiB for what is young.
 */
export const memoryEnvironment = (given: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  MALLOC_MMAP_THRESHOLD_: given['MALLOC_MMAP_THRESHOLD_'] ?? String(128 * 1024),
  // Not on the command line: a single executable takes all of that for its own.
  NODE_OPTIONS: [given['NODE_OPTIONS'], '--max-semi-space-size=8'].filter(Boolean).join(' '),
});

const mebibyte = 1024 * 1024;
const lookMs = 100;
/** Buffers beyond what was left after the last collection. */
const minorBytes = 16 * mebibyte;
/** Looks that find nothing changed before the load counts as over. */
const quietLooks = 10;
/** For so long a whole collection stops a thread, for each byte that it leaves: clocks count also what others did then. */
const msPerByte = 1 / mebibyte;
/** A larger heap is left to V8, which does it in steps. */
const heapBytesMax = 128 * mebibyte;
/** The heap has grown by so much (ordinary loads are collected by V8 about then), and by such a share of what was left after the last collection. */
const grownBytes = 32 * mebibyte;
const grownShare = 0.5;
/** Of a thread's time: whole collections while there is a load take no more. */
const timeShareMax = 0.05;

/** Collects what this thread needs no more: some of it while there is a load, all when it is over. Returns what ends that. */
export function collectGarbage(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collector['collect'];
  // This thread's heap alone: `process.memoryUsage` reads a file of the system each time.
  const collector = new Collector(collect, getHeapStatistics, () => performance.now());
  const timer = setInterval(() => collector.look(), lookMs);
  timer.unref();
  return () => clearInterval(timer);
}

type Heap = Pick<HeapInfo, 'external_memory' | 'used_heap_size'>;

export class Collector {
  readonly collect: (options?: { readonly type: 'minor' }) => void;
  readonly #heap: () => Heap;
  readonly #now: () => number;
  /** Buffers: the fewest since the last collection, and at the last look. */
  #least = 0;
  #last = 0;
  /** The smallest heap since the last whole collection. */
  #heapLeast = Number.POSITIVE_INFINITY;
  #quiet = 0;
  /** There was a load, and what it left was not collected. */
  #isOwed = false;
  #wholeNotBefore = 0;

  constructor(collect: Collector['collect'], heap: () => Heap, now: () => number) {
    this.collect = collect;
    this.#heap = heap;
    this.#now = now;
  }

  look(): void {
    const { external_memory: buffers, used_heap_size: heap } = this.#heap();
    this.#quiet = Math.abs(buffers - this.#last) < mebibyte ? this.#quiet + 1 : 0;
    this.#last = buffers;
    this.#least = Math.min(this.#least, buffers);
    this.#heapLeast = Math.min(this.#heapLeast, heap);
    const grown = heap - this.#heapLeast;
    const isOver = this.#isOwed && this.#quiet >= quietLooks;
    if (isOver || grown >= Math.max(grownBytes, this.#heapLeast * grownShare)) {
      this.#collectAll(heap);
    } else if (buffers - this.#least >= minorBytes) {
      this.collect({ type: 'minor' });
      this.#isOwed = true;
      this.#least = this.#heap().external_memory;
    }
  }

  #collectAll(heap: number): void {
    if (this.#now() < this.#wholeNotBefore) return;
    this.#isOwed = false;
    if (heap < heapBytesMax) this.collect();
    const { external_memory, used_heap_size } = this.#heap();
    this.#least = external_memory;
    this.#heapLeast = used_heap_size;
    this.#wholeNotBefore = this.#now() + (used_heap_size * msPerByte) / timeShareMax;
  }
}
