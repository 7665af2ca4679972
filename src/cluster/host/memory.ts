/**
 * Gives memory back after a load of large values.
 *
 * V8 lets tens of MiB of buffers that nobody needs any more lie about in each thread before it collects them, and when
 * the load ends it collects no more. And malloc raises, at the first large buffer that is freed, the size from which on
 * it gives freed memory back to the system; from then on a daemon keeps most of what it ever had. Measured with four
 * threads and values of 1 MiB: 447 MiB kept of 450; with what is here, 170.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** For the environment of a process of nodes: glibc gives back what is freed in blocks of this size and more. */
export const memoryEnvironment = { MALLOC_MMAP_THRESHOLD_: String(128 * 1024) } as const;

/** For the command line of a process of nodes, in MiB: each thread keeps three such spaces for what is young. */
export const memoryArguments = ['--max-semi-space-size=8'] as const;

type Collect = (options?: { readonly type: 'minor' }) => void;

const mebibyte = 1024 * 1024;
const lookMs = 100;
/** Buffers beyond what was left after the last collection. */
const minorBytes = 16 * mebibyte;
/** Looks that find nothing changed before the load counts as over. */
const quietLooks = 10;
/** A whole collection stops a thread for about 1 ms a MiB: a larger heap is left to V8, which does it in steps. */
const heapBytesMax = 128 * mebibyte;

/** Collects buffers of this thread: young ones while there is a load, all when it is over. Returns what ends that. */
export function collectBuffers(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  let least = buffersNow();
  let last = least;
  let quiet = 0;
  let owed = false;
  const look = (): void => {
    let bytes = buffersNow();
    quiet = Math.abs(bytes - last) < mebibyte ? quiet + 1 : 0;
    if (bytes - least >= minorBytes) {
      collect({ type: 'minor' });
      owed = true;
      bytes = buffersNow();
      least = bytes;
    } else if (owed && quiet >= quietLooks) {
      owed = false;
      if (getHeapStatistics().used_heap_size < heapBytesMax) collect();
      bytes = buffersNow();
      least = bytes;
    }
    last = bytes;
    least = Math.min(least, last);
  };
  const timer = setInterval(look, lookMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Asks this thread's heap alone: `process.memoryUsage` reads a file of the system each time. */
function buffersNow(): number {
  return getHeapStatistics().external_memory;
}
