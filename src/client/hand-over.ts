/** A node that is to go for good tells the others what it alone has. */
import { KvxError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import type { Endpoint, Timing } from './endpoint.js';
import { askOne } from './stabilize.js';

/**
 * Asks the node to take no more writes and to tell all it has; returns when others hold it. Throws a definite `cluster`
 * when that can't be: then nothing has changed, and what the node holds may be the only copy of acknowledged writes.
 */
export async function handOver(
  endpoint: Endpoint,
  timeoutMs: Millis,
  timing: Timing,
): Promise<void> {
  const { node } = endpoint;
  const leave = { type: 'reconfigure', change: 'remove', node } as const;
  const result = await askOne(endpoint, leave, timing, timing.now() + timeoutMs);
  if (result.type === 'stabilized' && result.nodes.length > 1) return;
  const why =
    result.type === 'stabilized'
      ? 'it reaches no other node'
      : result.type === 'error'
        ? result.message
        : `it answered ${result.type}`;
  throw new KvxError(
    `${node} was not removed: it could not tell the others what it holds (${why})`,
    {
      code: 'cluster',
      definite: true,
      hint: `Let it reach them first (\`kvx node restart ${node}\`, \`kvx fault heal\`); with --force acknowledged writes may be lost.`,
    },
  );
}
