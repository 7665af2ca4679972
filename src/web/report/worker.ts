/** Finds the longest legal order of a key, which may take a second, beside the page. */
import { type LegalOrder, longestLegalOrder } from '../../check/legal-order.js';
import type { History } from '../../history/history.js';

export interface OrderRequest {
  readonly history: History;
  readonly key: string;
  readonly readsInitials: boolean;
}

/** `null`: there is none to be found. */
export type OrderAnswer = LegalOrder | null;

self.onmessage = ({ data }: MessageEvent<OrderRequest>) => {
  const { history, key, readsInitials } = data;
  const answer: OrderAnswer = longestLegalOrder(history, key, { readsInitials });
  self.postMessage(answer);
};
