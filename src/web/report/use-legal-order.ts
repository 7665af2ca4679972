/** The longest legal order of a key, found in a worker when somebody wants to see it; and where in it one is. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { LegalOrder } from '../../check/legal-order.js';
import type { CheckReport } from '../../check/report.js';
import type { History } from '../../history/history.js';
import { effectTimes, historyOfKey, orderInWhole } from './legal-path.js';
import type { OrderAnswer, OrderRequest } from './worker.js';

export interface OrderWalk {
  /** An id of the history's keys. */
  readonly key: number;
  readonly chooseKey: (key: number) => void;
  /** `undefined`: not found yet; `null`: there is none. */
  readonly order: LegalOrder | null | undefined;
  readonly times: Float64Array;
  /** A step; past the last, those without a place. */
  readonly place: number;
  readonly setPlace: (place: number) => void;
}

/** What can be looked at: steps, and then what has no place. */
export const placesIn = ({ steps, unplaced }: LegalOrder): number => steps.length + unplaced.length;

export const operationIn = ({ steps, unplaced }: LegalOrder, place: number): number | undefined =>
  (steps[place] ?? unplaced[place - steps.length])?.operation;

export function useLegalOrder(
  history: History,
  firstKey: number,
  initial: CheckReport['initial'],
): OrderWalk {
  const [key, setKey] = useState(firstKey);
  const [found, setFound] = useState<LegalOrder | null | undefined>(undefined);
  const [place, setPlace] = useState(0);
  useEffect(() => {
    if (key < 0) return;
    const own = historyOfKey(history, key);
    const name = history.keys[key] ?? '';
    return ask({ history: own.history, key: name, initial }, (answer) => {
      const order = answer === null ? null : orderInWhole(answer, own.places);
      setFound(order);
      // Where it ends is what one wants to see.
      setPlace(order === null || order.isWhole ? 0 : order.steps.length);
    });
  }, [history, key, initial]);
  const times = useMemo(
    () => (found == null ? new Float64Array() : effectTimes(found, history)),
    [found, history],
  );
  const chooseKey = (next: number) => {
    setFound(undefined);
    setKey(next);
  };
  return { key, chooseKey, order: found, times, place, setPlace };
}

/** Returns what gives up. */
function ask(request: OrderRequest, take: (answer: OrderAnswer) => void): () => void {
  const code = document.getElementById('worker')?.textContent ?? '';
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const worker = new Worker(url);
  URL.revokeObjectURL(url);
  worker.onmessage = ({ data }: MessageEvent<OrderAnswer>) => {
    take(data);
    worker.terminate();
  };
  worker.onerror = () => take(null);
  worker.postMessage(request);
  return () => worker.terminate();
}
