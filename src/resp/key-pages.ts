/**
 * The keys that a node can tell of, a few at a time. A node that holds all of them tells of its own. One that holds none (the
 * coordinator of 2PC) or a share of them (quorum, with more nodes than replicas) asks those that hold the others; positions
 * are the same at all nodes.
 */
import type { NodeConnection } from '../client/endpoint.js';
import { KvxError } from '../core/errors.js';
import { hash32, reversedBits } from '../core/hash.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import { positionsEnd } from '../core/replica.js';
import { isNewer, type Version } from '../core/version.js';
import { neededFor } from '../protocols/quorum/levels.js';
import type { QuorumOptions } from '../protocols/quorum/options.js';
import { type KeyPage, pageKeysMax, pageOf } from '../runtime/links/client-frames.js';
import type { RespClient, RespNode } from './command.js';

const peerMs: Millis = 2_000;

export interface Keys {
  readonly keys: readonly Key[];
  /** Where to go on; `positionsEnd`: nowhere. */
  readonly next: number;
}

/** About `count` keys from `position` on; a promise only where others have to be asked, which rejects with a `KvxError`. */
export function keysFrom(
  client: RespClient,
  position: number,
  count: number,
): Keys | Promise<Keys> {
  const { node } = client;
  const holders = holdersFor(client);
  if (holders === null) {
    const { entries, next } = pageOf(node.view(), position, count);
    return { keys: entries.flatMap(({ key, deleted }) => (deleted ? [] : [key])), next };
  }
  return askedOf(node, holders, (connection) => connection.page(position, count, peerMs)).then(
    merged,
  );
}

/** How many keys there are. */
export async function countKeys(client: RespClient): Promise<number> {
  const { node } = client;
  const holders = holdersFor(client);
  if (holders === null) return node.view().keyCount;
  if (holders.needed === 1) {
    const [status] = await askedOf(node, holders, (connection) => connection.status(peerMs));
    return status?.keyCount ?? 0;
  }
  let count = 0;
  await eachKeys(client, (keys) => {
    count += keys.length;
  });
  return count;
}

/** All keys, in slices between which the node does other things. */
export async function eachKeys(
  client: RespClient,
  visit: (keys: readonly Key[]) => void,
): Promise<void> {
  for (let position = 0; position < positionsEnd; ) {
    const { keys, next } = await keysFrom(client, position, pageKeysMax);
    visit(keys);
    position = next;
    if (position < positionsEnd) await client.node.timing.sleep(0);
  }
}

interface Holders {
  readonly nodes: readonly NodeId[];
  /** So many of them must answer. */
  readonly needed: number;
}

/** Who has to be asked; `null`: nobody, this node holds all keys. */
function holdersFor({ node, level }: RespClient): Holders | null {
  const { mode, modeOptions } = node;
  const view = node.view();
  if (view.role === mode.glance.keepsNoCopy) {
    return { nodes: without(view.ownersOf('' as Key), view.suspects), needed: 1 };
  }
  if (!mode.sharesKeys) return null;
  const nodes = node.nodes();
  const { replicas, read } = modeOptions as QuorumOptions;
  if (nodes.length <= replicas) return null;
  // As many replicas of each key as a read at this level asks.
  const missingMax = replicas - neededFor(level ?? read, replicas);
  return { nodes: without(nodes, view.suspects), needed: nodes.length - missingMax };
}

const without = (nodes: readonly NodeId[], others: readonly NodeId[]): readonly NodeId[] =>
  nodes.filter((node) => !others.includes(node));

/** What `needed` of them or more say; rejects with a definite `unavailable` when fewer do. */
async function askedOf<T>(
  node: RespNode,
  { nodes, needed }: Holders,
  ask: (connection: NodeConnection) => Promise<T>,
): Promise<readonly T[]> {
  // One of several that hold the same is enough.
  const asked = needed === 1 ? nodes.slice(0, 1) : nodes;
  const answers = await Promise.all(
    asked.map((each) =>
      node
        .reach(each)
        .then(ask)
        .catch((error: unknown) => asProblem(error)),
    ),
  );
  const said = answers.filter((answer): answer is Awaited<T> => !(answer instanceof KvxError));
  if (said.length >= needed) return said;
  if (needed === 1 && nodes.length > 1) {
    return askedOf(node, { nodes: nodes.slice(1), needed }, ask);
  }
  const problems = answers.flatMap((answer) =>
    answer instanceof KvxError ? [answer.message] : [],
  );
  const told = `${said.length} of ${node.nodes().length} nodes tell of their keys`;
  const message = `${told}, and ${needed} must: ${problems.join('; ') || 'they are silent'}`;
  throw new KvxError(message, { code: 'unavailable', definite: true });
}

function asProblem(error: unknown): KvxError {
  if (error instanceof KvxError) return error;
  throw error;
}

/** Each key as the newest of its versions has it, up to where all have told. */
function merged(pages: readonly KeyPage[]): Keys {
  const next = Math.min(...pages.map((page) => page.next));
  const newest = new Map<Key, { version: Version; deleted: boolean }>();
  for (const page of pages) {
    for (const { key, ...entry } of page.entries) {
      if (reversedBits(hash32(key)) >= next) continue;
      if (isNewer(entry.version, newest.get(key)?.version ?? null)) newest.set(key, entry);
    }
  }
  const keys = [...newest].flatMap(([key, { deleted }]) => (deleted ? [] : [key]));
  return { keys, next };
}
