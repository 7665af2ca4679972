/**
 * Who belongs to the cluster: the founders, and those that came or went since.
 *
 * Gossip needs no agreement on it. Members matter for one thing only: a tombstone goes when all of them have it. So
 * changes are a small table in which the newest change of each node counts, spread like everything else, and a node that
 * is added is useful at once.
 */
import { hash32, mix32 } from '../../core/hash.js';
import type { NodeId } from '../../core/ids.js';
import type { ProtocolEvent } from '../../core/protocol-event.js';
import { compareVersions } from '../../core/version.js';
import type { Digest } from '../shared/digest-tree.js';
import type { Ctx } from './messages.js';
import type { MemberChange } from './records.js';

interface Founders {
  readonly set: ReadonlySet<NodeId>;
  readonly digest: Digest;
}

/** Thousands of replicas in one process are made with one and the same list: they share what follows from it. */
const foundersOf = new WeakMap<readonly NodeId[], Founders>();

export class Members {
  readonly #founders: readonly NodeId[];
  readonly #founded: Founders;
  readonly #changes = new Map<NodeId, MemberChange>();
  #list: readonly NodeId[];
  #departed: readonly NodeId[] = [];
  #partners: readonly NodeId[] | null = null;
  #view: Digest;

  constructor(founders: readonly NodeId[]) {
    this.#founders = founders;
    this.#founded = shared(founders);
    this.#list = founders;
    this.#view = this.#founded.digest;
  }

  get list(): readonly NodeId[] {
    return this.#list;
  }

  /** Those that were members once. */
  get departed(): readonly NodeId[] {
    return this.#departed;
  }

  /** Stands for the members and how they came to be; equal at two nodes when they see the same. */
  get view(): Digest {
    return this.#view;
  }

  get changes(): readonly MemberChange[] {
    return [...this.#changes.values()];
  }

  has(node: NodeId): boolean {
    return this.#changes.get(node)?.present ?? this.#founded.set.has(node);
  }

  /** Whether it is known that this node went. */
  isRemoved(node: NodeId): boolean {
    return this.#changes.get(node)?.present === false;
  }

  /** Whom to talk to: the peers that the node was started with, and members that came later. */
  partners({ self, peers }: Ctx): readonly NodeId[] {
    if (this.#changes.size === 0) return peers;
    if (this.#partners === null) {
      const all = new Set([...peers, ...this.#list]);
      this.#partners = [...all].filter((node) => node !== self && !this.isRemoved(node));
    }
    return this.#partners;
  }

  /** Takes a change that is newer than what is known; false when it is not. */
  apply(change: MemberChange): boolean {
    const known = this.#changes.get(change.node);
    if (known !== undefined && compareVersions(change.version, known.version) <= 0) return false;
    this.#changes.set(change.node, change);
    this.#recompute();
    return true;
  }

  /** Whether who told these changes lacks one. */
  knowsMoreThan(changes: readonly MemberChange[]): boolean {
    const told = new Map(changes.map((change) => [change.node, change.version]));
    return this.changes.some(({ node, version }) => {
      const theirs = told.get(node);
      return theirs?.stamp !== version.stamp || theirs.node !== version.node;
    });
  }

  #recompute(): void {
    const added = [...this.#changes.keys()].filter((node) => !this.#founded.set.has(node));
    const all = [...this.#founders, ...added];
    this.#list = all.filter((node) => this.has(node));
    this.#departed = all.filter((node) => !this.has(node));
    this.#partners = null;
    let view = shared(this.#list).digest;
    for (const { node, present, version } of this.#changes.values()) {
      const text = `${node} ${present} ${version.stamp} ${version.node}`;
      view = sum(view, [hash32(text, 3), hash32(text, 4)]);
    }
    this.#view = view;
  }
}

export function memberEvent({ node, present }: MemberChange): ProtocolEvent {
  return { what: present ? 'adds the member' : 'removes the member', node };
}

function shared(founders: readonly NodeId[]): Founders {
  const known = foundersOf.get(founders);
  if (known !== undefined) return known;
  let digest: Digest = [0, 0];
  for (const node of founders) digest = sum(digest, [hash32(node, 1), mix32(hash32(node, 2))]);
  const made = { set: new Set(founders), digest };
  foundersOf.set(founders, made);
  return made;
}

function sum([a, b]: Digest, [c, d]: Digest): Digest {
  return [(a + c) >>> 0, (b + d) >>> 0];
}
