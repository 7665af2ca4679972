import { askStatus } from '../client/ask.js';
import type { Endpoint } from '../client/endpoint.js';
import type { Millis } from '../core/ids.js';
import type { NodeStatus } from '../runtime/links/client-frames.js';

/** A node that is up answers sooner, unless it can't be asked anyway. */
const leaderMsMax: Millis = 500;

const leads = ({ role }: NodeStatus): boolean => role === 'leader' || role === 'coordinator';

/** Of two that lead, as far as they know, the one whose ballot is higher does. */
const roundOf = ({ facts }: NodeStatus): number =>
  Number.parseInt(String(facts.find(([name]) => name === 'ballot')?.[1]), 10) || 0;

/** Who leads or coordinates; `null`: nobody, as far as is known. */
export async function leaderOf(endpoints: readonly Endpoint[]): Promise<NodeStatus | null> {
  const all = await Promise.all(endpoints.map((endpoint) => askStatus(endpoint, leaderMsMax)));
  const leading = all.filter((status) => status !== null && leads(status)) as NodeStatus[];
  return leading.sort((a, b) => roundOf(b) - roundOf(a))[0] ?? null;
}
