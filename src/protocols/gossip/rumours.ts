/**
 * Rumour mongering (Demers et al., PODC 1987, section 1.4): what a node hears for the first time is hot, and it tells
 * others until it has lost interest.
 *
 * The first telling leaves at the end of the turn in which the news came, the others one an interval, each to `fanout`
 * peers by chance. In the paper's words: push, *blind* and with a *counter*: a node loses interest after a fixed number
 * of tellings, so that an update costs each node the same, however large the cluster. Of s = e^(-8) or so of the nodes
 * that this misses anti-entropy takes care. With few nodes it ends sooner: when all peers that can be reached have been
 * told, or have told it themselves.
 *
 * A push of many rumours names the others who have them, so that in a small cluster each rumour comes to each node once. What
 * was lost on its way to who was named comes by anti-entropy, later than from another node. So a push of few, which costs
 * little, names nobody.
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
import { PeerSets } from './peer-sets.js';

/** Larger values are taken from the store when they are told: what waits for its first telling takes no second memory. */
const keptBytesMax = 1024;
/** Rumours that name the same peers share a message; of more such groups one is made. */
const groupsMax = 16;

/** Of one version, in the row of the store where it is, or was. Used again and again: it outlives what is young. */
interface Rumour {
  /** Where it stands among all that were ever made. */
  readonly number: number;
  row: number;
  stamp: number;
  node: NodeId;
  /** What came, until it is told for the first time. */
  entry: StoredEntry | null;
  /** Peers that have it, as far as this node knows. */
  told: number;
  roundsLeft: number;
  isHot: boolean;
  isFresh: boolean;
  older: Rumour | null;
  younger: Rumour | null;
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
  readonly #sets = new PeerSets();
  /** News since the last round, and between it and the one before. */
  #heardLately = 0;
  #heardBefore = 0;
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

  /** How much was news since the round before the last one. */
  get newsCount(): number {
    return this.#heardLately + this.#heardBefore;
  }

  /** Who has what `from` tells, and says that `others` have. */
  knowing(from: NodeId, others: readonly NodeId[], ctx: Ctx): number {
    this.#sets.allOf(this.#parts.members.partners(ctx));
    return this.#sets.bitOf(from) | this.#sets.of(others);
  }

  /** This version has just become the one that is held. `told`: who has it, too. */
  heat(entry: StoredEntry, told: number, ctx: Ctx): void {
    if (!this.#parts.options.background) return;
    this.#heardLately += 1;
    const row = this.#parts.store.rowOf(entry.key);
    if (row === noRow) return;
    const before = this.count === 0 ? undefined : this.#hotAt(row);
    if (before !== undefined) this.#drop(before);
    if (this.#haveAll(told, ctx)) return;
    this.#numbers.grow(row + 1);
    const rumour = this.#unused.pop() ?? this.#make();
    rumour.row = row;
    rumour.stamp = entry.version.stamp;
    rumour.node = entry.version.node;
    rumour.entry = (entry.value?.length ?? 0) <= keptBytesMax ? entry : null;
    rumour.told = told;
    rumour.roundsLeft = bounds.rumourRounds;
    rumour.isFresh = true;
    this.#fresh.push(rumour);
    this.#add(rumour);
    if (this.count > bounds.rumoursMax && this.#oldest !== null) this.#drop(this.#oldest);
  }

  /** `told` have what was known here already: no need to tell them. */
  knows(told: number, { key, version }: StoredEntry): void {
    const row = this.count === 0 ? noRow : this.#parts.store.rowOf(key);
    const rumour = row === noRow ? undefined : this.#hotAt(row);
    if (rumour?.stamp === version.stamp && rumour.node === version.node) rumour.told |= told;
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
    this.#heardBefore = this.#heardLately;
    this.#heardLately = 0;
    if (this.count === 0) return;
    this.#cool(ctx);
    this.#push(this.#hot(), ctx);
  }

  /** Not before the round that follows the last telling: until then what was told may still be on its way. */
  #cool(ctx: Ctx): void {
    for (const rumour of this.#hot()) {
      if (rumour.roundsLeft <= 0 || this.#haveAll(rumour.told, ctx)) this.#drop(rumour);
    }
  }

  /** Who is silent needs no telling. */
  #haveAll(told: number, ctx: Ctx): boolean {
    const all = this.#sets.allOf(this.#parts.members.partners(ctx));
    return ((told | this.#silent()) & all) === all;
  }

  #silent(): number {
    const { peers } = this.#parts;
    return peers.silentCount === 0 ? 0 : this.#sets.of(peers.silent);
  }

  #push(rumours: readonly Rumour[], ctx: Ctx): void {
    const { options, members, peers } = this.#parts;
    const partners = members.partners(ctx);
    this.#sets.allOf(partners);
    let toldAll = -1;
    for (const { told } of rumours) toldAll &= told;
    const isWanted = (peer: NodeId): boolean => (toldAll & this.#sets.bitOf(peer)) === 0;
    const picked = peers.pick(partners, options.fanout, ctx.random, isWanted);
    const told = this.#sets.of(picked);
    for (const peer of picked) this.#tell(peer, rumours, told, ctx);
    for (const rumour of rumours) {
      rumour.told |= told;
      rumour.roundsLeft -= 1;
    }
  }

  /** `told`: by this push. */
  #tell(peer: NodeId, rumours: readonly Rumour[], told: number, ctx: Ctx): void {
    const { store } = this.#parts;
    const bit = this.#sets.bitOf(peer);
    const nameable = rumours.length < bounds.toldNamedMin ? 0 : ~(bit | this.#silent());
    const groups = new Map<number, StoredEntry[]>();
    let [group, entries] = [-1, [] as StoredEntry[]];
    for (const rumour of rumours) {
      if ((rumour.told & bit) !== 0) continue;
      // Something newer came, or it was deleted and collected: another rumour's business, or none's.
      if (!store.isAt(rumour.row, rumour)) continue;
      const named = (rumour.told | told) & nameable;
      if (named !== group) {
        group = named;
        entries = groups.get(named) ?? [];
        groups.set(named, entries);
      }
      entries.push(rumour.entry ?? store.entryAt(rumour.row));
    }
    for (const [named, entries] of fewGroups(groups)) {
      const told = this.#sets.namesIn(named);
      for (const batch of batchesOf(entries, bytesOfEntry)) {
        ctx.send(peer, { type: 'rumour', entries: batch, told });
      }
    }
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
      ...{ told: 0, roundsLeft: 0, isHot: false, isFresh: false },
      ...{ older: null, younger: null },
    };
    this.#all.push(rumour);
    return rumour;
  }
}

/** Of too many, one that names whom all of them name. */
function fewGroups(
  groups: ReadonlyMap<number, StoredEntry[]>,
): Iterable<readonly [number, StoredEntry[]]> {
  if (groups.size <= groupsMax) return groups;
  let named = -1;
  for (const group of groups.keys()) named &= group;
  return [[named, [...groups.values()].flat()]];
}
