/** A node that is to go for good tells the others what it alone has. */
import { KvxError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import type { ClientResult } from '../core/operation.js';
import { type Door, withConnection } from './door.js';

/** A paused node accepts connections and says nothing. */
const statusMs: Millis = 2_000;

/**
 * Asks the node to take no more writes and to tell all it has; returns when others hold it. Throws a definite `cluster`
 * when that can't be: then nothing has changed, and what the node holds may be the only copy of acknowledged writes.
 */
export async function handOver(door: Door, timeoutMs: Millis): Promise<void> {
  const { node } = door;
  const result = await ask(door, timeoutMs);
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

async function ask(door: Door, timeoutMs: Millis): Promise<ClientResult> {
  try {
    return await withConnection(
      door,
      async (connection) => {
        await connection.status(Math.min(statusMs, timeoutMs));
        const leave = { type: 'reconfigure', change: 'remove', node: door.node } as const;
        return connection.request(leave, { level: null, timeoutMs });
      },
      Math.min(statusMs, timeoutMs),
    );
  } catch (error) {
    if (!(error instanceof KvxError)) throw error;
    const { code, definite, message } = error;
    return { type: 'error', code, definite, message };
  }
}
