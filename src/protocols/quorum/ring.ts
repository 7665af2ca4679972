/**
 * Consistent hashing with virtual nodes (Dynamo, SOSP 2007, sections 4.2 and 4.3).
 *
 * Every node stands on a ring of 2^32 places at many pseudo-random tokens. A key belongs to the first token at or
 * after its own place; its preference list is the first `replicas` *distinct* nodes from there on. Between two tokens
 * nothing changes, so the list is computed once for each such segment. Many tokens a node even out the load and, when a
 * node is added, take its share from all the others.
 */
import { hash32 } from '../../core/hash.js';
import type { NodeId } from '../../core/ids.js';
import { invariant } from '../../core/invariant.js';
import type { Key } from '../../core/key.js';
import type { QuorumOptions } from './options.js';

type RingShape = Pick<QuorumOptions, 'replicas' | 'virtualNodes'>;

export class Ring {
  /** The places where segments end, ascending. Segment 0 also holds what lies after the last. */
  readonly #tokens: Uint32Array;
  /** Every node is a replica of every key. */
  readonly holdsAll: boolean;
  /** By segment. */
  readonly #preferenceLists: readonly (readonly NodeId[])[];

  constructor(nodes: readonly NodeId[], shape: RingShape) {
    invariant(shape.replicas >= 1 && shape.replicas <= nodes.length, 'replicas must fit the nodes');
    this.holdsAll = shape.replicas === nodes.length;
    const places: { token: number; node: NodeId }[] = [];
    for (const node of nodes) {
      for (let at = 0; at < shape.virtualNodes; at++) {
        places.push({ token: hash32(`${node}/${at}`), node });
      }
    }
    // Two nodes may meet at one token: the name decides, so that every node builds the same ring.
    places.sort((a, b) => a.token - b.token || (a.node < b.node ? -1 : 1));
    this.#tokens = Uint32Array.from(places, (place) => place.token);
    this.#preferenceLists = preferenceLists(
      places.map((place) => place.node),
      shape.replicas,
    );
  }

  get segmentCount(): number {
    return this.#tokens.length;
  }

  segmentOf(key: Key): number {
    const place = hash32(key);
    let low = 0;
    let high = this.#tokens.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#tokens[middle] as number) < place) low = middle + 1;
      else high = middle;
    }
    return low === this.#tokens.length ? 0 : low;
  }

  /** The key's replicas, the first of them first. The same array for all keys with the same list. */
  ownersOf(key: Key): readonly NodeId[] {
    return this.ownersOfSegment(this.segmentOf(key));
  }

  ownersOfSegment(segment: number): readonly NodeId[] {
    return this.#preferenceLists[segment] as readonly NodeId[];
  }

  /** The segments of which both nodes are replicas, ascending. */
  sharedSegments(a: NodeId, b: NodeId): readonly number[] {
    const shared: number[] = [];
    this.#preferenceLists.forEach((owners, segment) => {
      if (owners.includes(a) && owners.includes(b)) shared.push(segment);
    });
    return shared;
  }
}

function preferenceLists(
  walk: readonly NodeId[],
  replicas: number,
): readonly (readonly NodeId[])[] {
  const interned = new Map<string, readonly NodeId[]>();
  return walk.map((_, start) => {
    const owners: NodeId[] = [];
    for (let at = start; owners.length < replicas; at = (at + 1) % walk.length) {
      const node = walk[at] as NodeId;
      if (!owners.includes(node)) owners.push(node);
    }
    const name = owners.join(' ');
    const known = interned.get(name);
    if (known !== undefined) return known;
    interned.set(name, owners);
    return owners;
  });
}
