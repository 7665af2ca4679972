/** Where Redis clients are let in, in words. */
import type { RespPlace } from '../cluster/resp-ports.js';
import type { NodeId } from '../core/ids.js';

/** `127.0.0.1:7379`, `[::1]:7379`. */
export const respAddress = ({ host, port }: Pick<RespPlace, 'host' | 'port'>): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** Where redis-cli connects when it is told no host; whoever listens everywhere listens there, too. */
const hostsNotTold = ['127.0.0.1', 'localhost', '0.0.0.0', '::'];

/** What to type to talk to that node. */
export function redisCli({ host, port, password }: Omit<RespPlace, 'node'>): string {
  const words = [
    'redis-cli',
    ...(hostsNotTold.includes(host) ? [] : [`-h ${host}`]),
    `-p ${port}`,
    ...(password ? ['--askpass'] : []),
  ];
  return words.join(' ');
}

/** As documents have nodes: each with where it lets Redis clients in, or `null`; whether they need a password, not which. */
export function withResp<T extends { readonly node: NodeId }>(
  nodes: readonly T[],
  places: readonly RespPlace[],
): (T & { readonly resp: Omit<RespPlace, 'node'> | null })[] {
  return nodes.map((each) => {
    const { node, ...resp } = places.find((place) => place.node === each.node) ?? { node: null };
    return { ...each, resp: node === null ? null : (resp as Omit<RespPlace, 'node'>) };
  });
}
