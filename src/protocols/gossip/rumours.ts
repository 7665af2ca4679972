/**
 * Rumour mongering (Demers et al., PODC 1987, section 1.4): what a node hears for the first time is hot, and it tells
 * others until it has lost interest.
 *
 * The first telling leaves at the end of the turn in which the news came, the others one an interval, each to `fanout`
 * peers by chance. In the paper's words: push, *blind* and with a *counter*: a node loses interest after a fixed number
 * of tellings, so that an update costs each node the same, however large the cluster. Of s = e^(-8) or so of the nodes
 * that this misses anti-entropy takes care. With few nodes it ends sooner: when all peers that can be reached have been
 * told, or have told it themselves.
 */

import type { Millis, NodeId } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import type { StoredEntry } from '../../core/replica.js';
import { batchesOf } from '../shared/batches.js';
import { noRow } from '../shared/entry-table.js';
import { bytesOfEntry } from '../shared/leaf-exchange.js';
import { NumberTable } from '../shared/number-table.js';
import type { Ctx } from './messages.js';
import { bounds, times } from './options.js';
import type { Parts } from './parts.js';

/** Larger values are taken from the store when they are told: what waits for its first telling takes no second memory. */
const keptBytesMax = 1024;
/** Sets of peers that are known; more are forgotten, and made anew. */
const toldSetsMax = 1024;

/** Of one version, in the row of the store where it is, or was. Used again and again: it outlives what is young. */
interface Rumour {
  /** Where it stands among all that were ever made. */
  readonly number: number;
  row: number;
  stamp: number;
  node: NodeId;
  /** What came, until it is told for the first time. */
  entry: StoredEntry | null;
  told: Told;
  roundsLeft: number;
  isHot: boolean;
  isFresh: boolean;
  older: Rumour | null;
  younger: Rumour | null;
}

/** Peers that have it, as far as this node knows: one object for all rumours that went the same way. */
class Told {
  readonly peers: readonly NodeId[];
  readonly #with = new Map<NodeId, Told>();

  constructor(peers: readonly NodeId[]) {
    this.peers = peers;
  }

  has(peer: NodeId): boolean {
    return this.peers.includes(peer);
  }

  /** `null` until it has been made. */
  knownWith(peer: NodeId): Told | null {
    return this.#with.get(peer) ?? null;
  }

  makeWith(peer: NodeId): Told {
    const told = new Told([...this.peers, peer]);
    this.#with.set(peer, told);
    return told;
  }
}

export class Rumours {
  readonly #parts: Parts;
  readonly #all: Rumour[] = [];
  readonly #unused: Rumour[] = [];
  /** By row of the store: the number of the one that is hot, plus 1; 0: none. */
  readonly #numbers = new NumberTable(1);
  #oldest: Rumour | null = null;
  #youngest: Rumour | null = null;
  #fresh: Rumour[] = [];
  #nextPushAt: Millis = 0;
  #nobody = new Told([]);
  #toldSets = 0;
  count = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.store.onMoved = (from, to) => this.#moved(from, to);
  }

  *keys(): Iterable<Key> {
    const { store } = this.#parts;
    for (const rumour of this.#hot()) {
      if (store.isAt(rumour.row, rumour)) yield store.keyAt(rumour.row);
    }
  }

  /** This version has just become the one that is held. `from` is where it came from, `null` a client. */
  heat(entry: StoredEntry, from: NodeId | null): void {
    if (!this.#parts.options.background) return;
    const row = this.#parts.store.rowOf(entry.key);
    if (row === noRow) return;
    this.#numbers.grow(row + 1);
    const before = this.#hotAt(row);
    if (before !== undefined) this.#drop(before);
    const rumour = this.#unused.pop() ?? this.#make();
    rumour.row = row;
    rumour.stamp = entry.version.stamp;
    rumour.node = entry.version.node;
    rumour.entry = (entry.value?.length ?? 0) <= keptBytesMax ? entry : null;
    rumour.told = this.#nobody;
    rumour.roundsLeft = bounds.rumourRounds;
    if (from !== null) this.#has(from, rumour);
    rumour.isFresh = true;
    this.#fresh.push(rumour);
    this.#add(rumour);
    if (this.count > bounds.rumoursMax && this.#oldest !== null) this.#drop(this.#oldest);
  }

  /** `peer` has told what was known already: no need to tell it. */
  knows(peer: NodeId, { key, version }: StoredEntry): void {
    const row = this.count === 0 ? noRow : this.#parts.store.rowOf(key);
    const rumour = row === noRow ? undefined : this.#hotAt(row);
    if (rumour === undefined || rumour.stamp !== version.stamp || rumour.node !== version.node)
      return;
    if (!rumour.told.has(peer)) this.#has(peer, rumour);
  }
  /** At the end of a turn: what the turn brought; or a little later, when there was something only just before. */
  pushFresh(ctx: Ctx): void {
    if (this.#fresh.length === 0) return;
    if (ctx.now < this.#nextPushAt) {
      ctx.setTimer('push', this.#nextPushAt - ctx.now);
      return;
    }
    this.#nextPushAt = ctx.now + times.pushGapMs;
    const fresh = this.#fresh;
    this.#fresh = [];
    this.#push(fresh, ctx);
    for (const rumour of fresh) {
      rumour.entry = null;
      rumour.isFresh = false;
      if (!rumour.isHot) this.#unused.push(rumour);
    }
  }

  /** Once an interval: all that is hot. */
  pushHot(ctx: Ctx): void {
    if (this.count === 0) return;
    this.#cool(ctx);
    this.#push(this.#hot(), ctx);
  }

  /** Not before the round that follows the last telling: until then what was told may still be on its way. */
  #cool(ctx: Ctx): void {
    const { members, peers } = this.#parts;
    const partners = members.partners(ctx);
    const reachable = partners.length - peers.silentCount;
    for (const rumour of this.#hot()) {
      const mayBeOver = rumour.told.peers.length >= reachable;
      const isOver = mayBeOver && partners.every((peer) => this.#needsNoTelling(peer, rumour));
      if (isOver || rumour.roundsLeft <= 0) this.#drop(rumour);
    }
  }

  #push(rumours: readonly Rumour[], ctx: Ctx): void {
    const { options, members, peers } = this.#parts;
    const partners = members.partners(ctx);
    const [first] = rumours;
    const untold = (peer: NodeId): boolean => !first?.told.has(peer);
    for (const peer of peers.pick(partners, options.fanout, ctx.random, untold)) {
      this.#tell(peer, rumours, ctx);
    }
    for (const rumour of rumours) rumour.roundsLeft -= 1;
  }

  #needsNoTelling(peer: NodeId, { told }: Rumour): boolean {
    return told.has(peer) || this.#parts.peers.isSilent(peer);
  }

  #tell(peer: NodeId, rumours: readonly Rumour[], ctx: Ctx): void {
    const { store } = this.#parts;
    const entries: StoredEntry[] = [];
    for (const rumour of rumours) {
      if (rumour.told.has(peer)) continue;
      // Something newer came, or it was deleted and collected: another rumour's business, or none's.
      if (!store.isAt(rumour.row, rumour)) continue;
      this.#has(peer, rumour);
      entries.push(rumour.entry ?? store.entryAt(rumour.row));
    }
    for (const batch of batchesOf(entries, bytesOfEntry)) {
      ctx.send(peer, { type: 'rumour', entries: batch });
    }
  }

  #has(peer: NodeId, rumour: Rumour): void {
    const known = rumour.told.knownWith(peer);
    rumour.told = known ?? rumour.told.makeWith(peer);
    if (known !== null || ++this.#toldSets <= toldSetsMax) return;
    this.#nobody = new Told([]);
    this.#toldSets = 0;
  }

  // Those that are hot, by age.

  #hot(): Rumour[] {
    const hot: Rumour[] = [];
    for (let rumour = this.#oldest; rumour !== null; rumour = rumour.younger) hot.push(rumour);
    return hot;
  }

  #hotAt(row: number): Rumour | undefined {
    return row < this.#numbers.rows ? this.#all[this.#numbers.get(row, 0) - 1] : undefined;
  }

  /** A rumour goes with its row. What was hot where that is now is of a key that is gone. */
  #moved(from: number, to: number): void {
    const rumour = this.#hotAt(from);
    const before = this.#hotAt(to);
    if (before !== undefined) this.#drop(before);
    if (rumour === undefined) return;
    this.#numbers.set(from, 0, 0);
    this.#numbers.set(to, 0, rumour.number);
    rumour.row = to;
  }

  #add(rumour: Rumour): void {
    rumour.isHot = true;
    rumour.older = this.#youngest;
    rumour.younger = null;
    if (this.#youngest === null) this.#oldest = rumour;
    else this.#youngest.younger = rumour;
    this.#youngest = rumour;
    this.#numbers.set(rumour.row, 0, rumour.number);
    this.count += 1;
  }

  #drop(rumour: Rumour): void {
    const { older, younger } = rumour;
    rumour.isHot = false;
    if (older === null) this.#oldest = younger;
    else older.younger = younger;
    if (younger === null) this.#youngest = older;
    else younger.older = older;
    this.#numbers.set(rumour.row, 0, 0);
    this.count -= 1;
    if (!rumour.isFresh) this.#unused.push(rumour);
  }

  #make(): Rumour {
    const rumour: Rumour = {
      ...{ number: this.#all.length + 1, row: noRow, stamp: 0, node: '', entry: null },
      ...{ told: this.#nobody, roundsLeft: 0, isHot: false, isFresh: false },
      ...{ older: null, younger: null },
    };
    this.#all.push(rumour);
    return rumour;
  }
}
