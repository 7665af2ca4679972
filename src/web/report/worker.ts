/** Finds the longest legal order of a key, which may take a second, beside the page. */
import { type LegalOrder, longestLegalOrder } from '../../check/legal-order.js';
import type { CheckReport } from '../../check/report.js';
import type { History } from '../../history/history.js';

export interface OrderRequest {
  readonly history: History;
  readonly key: string;
  readonly initial: CheckReport['initial'];
}

/** `null`: there is none to be found. */
export type OrderAnswer = LegalOrder | null;

/** Then the longest so far is shown. */
const timeoutMs = 10_000;

self.onmessage = ({ data }: MessageEvent<OrderRequest>) => {
  const { history, key, initial } = data;
  const limits = { initial, timeoutMs, now: () => performance.now() };
  const answer: OrderAnswer = longestLegalOrder(history, key, limits);
  self.postMessage(answer);
};
