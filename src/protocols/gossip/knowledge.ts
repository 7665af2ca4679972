/**
 * Who has seen whose writes, so that tombstones can go and nothing rises from the dead.
 *
 * Demers et al. (PODC 1987, section 2) call tombstones death certificates, and note that forgetting one is safe only when
 * every site has it. Here that is known, not guessed from time, in three steps:
 *
 * 1. **Vector.** K[o] = t at a node says: I have all that o had written when its clock showed t, or something newer, and
 *    all that o held when it learned the present membership. K[self] is the own clock. It advances only by *complete*
 *    comparisons, never by rumours: when two stores were found equal, or one side has pulled all in which they differed,
 *    it takes the maximum with the other's K as it was when that comparison began (as Wuu & Bernstein's time table does,
 *    Efficient Solutions to the Replicated Log and Dictionary Problems, PODC 1984).
 * 2. **Floor.** The least of a node's K over all members: it has every member's writes up to there. Nodes pass on each
 *    other's floors; a floor stays true once it was said, also over a crash.
 * 3. **Horizon.** The least of all members' floors, S: every member has every member's writes up to S. A tombstone with
 *    a stamp up to S is everywhere, and nothing older of its key is anywhere but in messages that were late. So it is
 *    forgotten, and from then on an entry up to S of a key that is not held is known to be such a latecomer.
 *
 * A horizon holds for the origins that were members when it was computed: a node that has just come may write smaller
 * stamps that nobody has seen. What a removed node wrote is covered, too: a vector belongs to one view of the membership
 * and begins anew with the next, so that whatever the others hold of it when they learn that it went reaches all of them.
 *
 * None of this is kept or sent where there is nothing to collect.
 */
import type { NodeId } from '../../core/ids.js';
import { type Digest, sameDigest } from '../shared/digest-tree.js';
import type { Ctx, KnowledgeReport } from './messages.js';
import { bounds } from './options.js';
import type { Parts } from './parts.js';
import type { Horizon } from './records.js';

type Stamps = Map<NodeId, number>;

export class Knowledge {
  readonly #parts: Parts;
  #view: Digest | null = null;
  readonly #vector: Stamps = new Map();
  readonly #floors: Stamps = new Map();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What to send along; `null` when there is nothing to collect here and the other side did not ask. */
  report(asked: boolean): KnowledgeReport | null {
    const { store, members } = this.#parts;
    if (store.tombstoneCount === 0) {
      this.#forget();
      if (!asked) return null;
    }
    if (members.list.length > bounds.collectingMembersMax) return null;
    this.#refresh();
    return {
      view: members.view,
      vector: [...this.#vector],
      floors: [...this.#floors],
      horizon: store.horizon,
    };
  }

  /** A comparison with the sender is complete: this node has all that it had when it made `report`. True on progress. */
  complete(report: KnowledgeReport | null, ctx: Ctx): boolean {
    if (report === null) return false;
    const { store, members } = this.#parts;
    if (report.horizon !== null && store.isFarther(report.horizon)) {
      this.#advance(report.horizon, ctx);
    }
    if (store.tombstoneCount === 0 || !sameDigest(report.view, members.view)) return false;
    this.#refresh();
    const progressed = [raise(this.#vector, report.vector), raise(this.#floors, report.floors)];
    this.#raiseOwnFloor();
    this.#raiseHorizon(ctx);
    return progressed.includes(true);
  }

  /** For a node that has nobody to compare with: it is all there is. */
  onRound(ctx: Ctx): void {
    const { store, members } = this.#parts;
    if (members.list.length > 1 || store.tombstoneCount === 0) return;
    this.#refresh();
    this.#raiseHorizon(ctx);
  }

  /** Of the present membership, and with the own clock as it is now. */
  #refresh(): void {
    const { self, clock, members } = this.#parts;
    if (this.#view === null || !sameDigest(this.#view, members.view)) {
      this.#forget();
      this.#view = members.view;
    }
    this.#vector.set(self, clock.last);
    this.#raiseOwnFloor();
  }

  #raiseOwnFloor(): void {
    const { self, members } = this.#parts;
    if (members.has(self)) raise(this.#floors, [[self, least(this.#vector, members.list)]]);
  }

  #raiseHorizon(ctx: Ctx): void {
    const { self, members, store } = this.#parts;
    // A node that is not counted itself knows of no floor of its own: it has to be told.
    if (!members.has(self)) return;
    const horizon: Horizon = {
      stamp: least(this.#floors, members.list),
      members: members.list,
      departed: members.departed,
    };
    if (store.isFarther(horizon) && store.wouldCollect(horizon)) this.#advance(horizon, ctx);
  }

  #advance(horizon: Horizon, ctx: Ctx): void {
    const { clock, store } = this.#parts;
    // What this node writes from now on must not look like something collected.
    clock.observe(horizon.stamp);
    ctx.persist({ type: 'horizon', horizon });
    store.advanceHorizon(horizon);
  }

  #forget(): void {
    this.#view = null;
    this.#vector.clear();
    this.#floors.clear();
  }
}

/** Takes each greater stamp; true when one that matters had not been known. */
function raise(known: Stamps, stamps: Iterable<readonly [NodeId, number]>): boolean {
  let raised = false;
  for (const [node, stamp] of stamps) {
    if (stamp <= (known.get(node) ?? 0)) continue;
    known.set(node, stamp);
    raised = true;
  }
  return raised;
}

function least(known: Stamps, nodes: readonly NodeId[]): number {
  let stamp = Number.MAX_SAFE_INTEGER;
  for (const node of nodes) stamp = Math.min(stamp, known.get(node) ?? 0);
  return nodes.length === 0 ? 0 : stamp;
}
