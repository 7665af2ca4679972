/** Where Redis clients are let in, in words; and, in documents, where nodes are scraped. */
import type { RespPlace } from '../cluster/node-ports.js';
import type { NodeId } from '../core/ids.js';
import type { Target } from '../targets/target.js';

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

/** What documents say of a node's ports. */
export interface PlacesOfNode {
  /** Where it lets Redis clients in, and whether they need a password, not which; `null`: nowhere. */
  readonly resp: Omit<RespPlace, 'node'> | null;
  /** The address to scrape; `null`: none. */
  readonly metrics: string | null;
}

/** As documents have nodes. */
export function withPlaces<T extends { readonly node: NodeId }>(
  nodes: readonly T[],
  { respPlaces = [], metricsPlaces = [] }: Pick<Target, 'respPlaces' | 'metricsPlaces'>,
): (T & PlacesOfNode)[] {
  return nodes.map((each) => {
    const { node, ...resp } = respPlaces.find((place) => place.node === each.node) ?? {
      node: null,
    };
    const scraped = metricsPlaces.find((place) => place.node === each.node);
    return {
      ...each,
      resp: node === null ? null : (resp as Omit<RespPlace, 'node'>),
      metrics: scraped?.url ?? null,
    };
  });
}
