/**
 * Who takes part, slot by slot.
 *
 * Lamport (2001, section 3): "We can allow a leader to get α commands ahead by letting the set of servers that execute
 * instance i + α of the consensus algorithm be specified by the state after execution of the i-th state machine
 * command." So for every slot there is one membership on which all nodes agree, and safety is that of single-decree
 * Paxos in each slot: its ballots are led with promises from a majority of *that* membership and its value is chosen by
 * one. A leader whose promises do not cover a new membership asks its nodes before it goes on.
 *
 * Besides, one node comes or goes at a time (Ongaro's thesis, section 4.1): majorities of neighbouring memberships
 * overlap, so a leader usually has its promises already, and a coordinator that is one change behind still can't have
 * its reads confirmed once somebody else leads.
 */
import type { NodeId } from '../../../core/ids.js';
import { nodesMax } from '../../../core/limits.js';
import type { ClientResult } from '../../../core/operation.js';
import { badRequest, errorResult } from '../../../core/results.js';
import type { Version } from '../../../core/version.js';
import { count, list, name, type Shaped, struct } from '../../../core/wire.js';
import type { Reconfiguration, Slot } from '../command.js';
import { bounds } from '../options.js';

export const configurationShape = struct({
  /** In force from this slot on. */
  from: count,
  members: list(name),
});
export type Configuration = Shaped<typeof configurationShape>;

export function hasMajority(
  members: readonly NodeId[],
  agrees: (node: NodeId) => boolean,
): boolean {
  let votes = 0;
  for (const member of members) if (agrees(member)) votes++;
  return votes * 2 > members.length;
}

export class Membership {
  /** Ascending; at most the one in force and the next. */
  #configurations: readonly Configuration[];
  /** Who was a member before the newest change and is none after it. */
  departed: readonly NodeId[] = [];

  constructor(configurations: readonly Configuration[]) {
    this.#configurations = configurations;
    this.#noteDeparted();
  }

  get configurations(): readonly Configuration[] {
    return this.#configurations;
  }

  /** Who executes this slot. Known up to α slots after the last one executed. */
  at(slot: Slot): readonly NodeId[] {
    for (let at = this.#configurations.length - 1; at >= 0; at--) {
      const { from, members } = this.#configurations[at] as Configuration;
      if (from <= slot) return members;
    }
    return [];
  }

  /** A membership that is chosen but not yet in force at `slot`. */
  nextAfter(slot: Slot): Configuration | null {
    const last = this.#configurations[this.#configurations.length - 1];
    return last !== undefined && last.from > slot ? last : null;
  }

  /** Everybody who takes part in some slot from `slot` on, as far as is known. */
  from(slot: Slot): readonly NodeId[] {
    const next = this.nextAfter(slot);
    const members = this.at(slot);
    if (next === null) return members;
    return [...members, ...next.members.filter((node) => !members.includes(node))];
  }

  /** The slot from which the newest membership is in force. */
  get newestFrom(): Slot {
    return this.#configurations.at(-1)?.from ?? 0;
  }

  /** Executes a change that was chosen in `slot`. */
  change({ change, node }: Reconfiguration, slot: Slot, version: Version): ClientResult {
    if (this.nextAfter(slot) !== null) return conflict;
    const members = this.at(slot);
    const done: ClientResult = { type: 'done', version, existed: members.includes(node) };
    if (members.includes(node) === (change === 'add')) return done;
    const changed =
      change === 'add' ? [...members, node] : members.filter((member) => member !== node);
    if (changed.length === 0) return badRequest(`${node} is the last member`);
    if (changed.length > nodesMax) return badRequest(`a cluster has at most ${nodesMax} nodes`);
    this.#configurations = [
      { from: 0, members },
      { from: slot + bounds.alpha, members: changed },
    ];
    this.#noteDeparted();
    return done;
  }

  #noteDeparted(): void {
    const [before, after] = this.#configurations;
    this.departed = before?.members.filter((node) => after?.members.includes(node) === false) ?? [];
  }
}

export const conflict = errorResult('conflict', true, 'another change of membership is under way');
