/** What a `get` or a `printStore` may show, and what is known of the servers once it has. */
import { isOlder, type PossibleWorld, type PutValue, type ServerState } from './possible-world.js';

export interface Observation {
  readonly world: PossibleWorld;
  readonly says: string;
}

/** One for each server that the client may have asked, and each version that it may hold. None: it says nothing. */
export function observationsOf(
  world: PossibleWorld,
  client: number,
  key: string,
): readonly Observation[] {
  return world.liveServersOf(client).flatMap((id) =>
    versionsOf(world.servers.get(id) as ServerState, key).map((version) => {
      const after = world.copy();
      settle(after, id, key, version);
      const seen = after.clients.get(client)?.seen;
      const last = seen?.get(key);
      const isBehind = last !== undefined && (version === undefined || isOlder(version, last));
      if (isBehind) return { world: after, says: 'ERR_DEP' };
      if (version === undefined) return { world: after, says: 'ERR_KEY' };
      seen?.set(key, version);
      return { world: after, says: version.value };
    }),
  );
}

const versionsOf = (server: ServerState, key: string): readonly (PutValue | undefined)[] => [
  server.sure.get(key),
  ...(server.may.get(key) ?? []),
];

/** This is what it holds, and it holds nothing newer. */
function settle(
  world: PossibleWorld,
  id: number,
  key: string,
  version: PutValue | undefined,
): void {
  const server = world.servers.get(id) as ServerState;
  if (version !== undefined && version !== server.sure.get(key)) world.hears(server, key, version);
  else if (!server.may.has(key)) return;
  server.may.delete(key);
  world.isQuiet = false;
}

export interface Stores {
  readonly world: PossibleWorld;
  readonly says: readonly string[];
}

/** So many ways to explain one listing are followed. */
const waysMax = 200;

/**
 * The ways in which this server can print what was printed from here on; where there is none, what it would print if it had
 * heard of nothing more than is sure, and of all.
 */
export function storesOf(
  world: PossibleWorld,
  id: number,
  printed: readonly string[],
): readonly Stores[] {
  const server = world.servers.get(id);
  if (!server?.isUp) return [{ world, says: [] }];
  const keys = [...new Set([...server.sure.keys(), ...server.may.keys()])].sort((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  const ways: PutValue[][] = [];
  const follow = (nth: number, way: readonly (PutValue | undefined)[], lines: number): void => {
    if (ways.length >= waysMax) return;
    const key = keys[nth];
    if (key === undefined) {
      ways.push(way as PutValue[]);
      return;
    }
    for (const version of versionsOf(server, key)) {
      const isNext = version === undefined || printed[lines] === `${key}:${version.value}`;
      if (isNext) follow(nth + 1, [...way, version], lines + (version === undefined ? 0 : 1));
    }
  };
  follow(0, [], 0);
  const [sure, all] = [0, -1].map((nth) => keys.map((key) => versionsOf(server, key).at(nth)));
  const told = ways.length > 0 ? ways : [sure, all];
  return told.map((way) => {
    const after = world.copy();
    const says = keys.flatMap((key, nth) => {
      settle(after, id, key, way?.[nth]);
      return way?.[nth] === undefined ? [] : [`${key}:${way[nth].value}`];
    });
    return { world: after, says };
  });
}
