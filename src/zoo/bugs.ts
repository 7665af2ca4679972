/** All bugs that there are to plant, and how they are found by name. */
import { usageError } from '../core/errors.js';
import { unknownWord } from '../core/suggest.js';
import type { AnyMode } from '../protocols/registry.js';
import type { Bug } from './bug.js';
import { gossipBugs } from './gossip.js';
import { paxosBugs } from './paxos.js';
import { quorumBugs } from './quorum.js';
import { twoPhaseCommitBugs } from './twopc.js';

export type { Bug } from './bug.js';

export const bugs: readonly Bug[] = [
  ...twoPhaseCommitBugs,
  ...quorumBugs,
  ...gossipBugs,
  ...paxosBugs,
];

/** Throws `bad-request` (definite) when there is none of this name. */
export function bugNamed(name: string): Bug {
  const bug = bugs.find((each) => each.name === name);
  if (bug !== undefined) return bug;
  const names = bugs.map((each) => each.name);
  throw unknownWord('there is no bug', name, names, 'All of them: `kvx run --list-bugs`.');
}

/** The mode with this bug in it, or as it is. Throws `bad-request` (definite) when the bug is not one of this mode's. */
export function modeWithBug(mode: AnyMode, name: string | undefined): AnyMode {
  if (name === undefined) return mode;
  const bug = bugNamed(name);
  if (bug.mode === mode.name) return bug.plant(mode);
  const ofMode = bugs.filter((each) => each.mode === mode.name).map((each) => each.name);
  throw usageError(
    `${name} is a bug of mode ${bug.mode}, and this cluster's mode is ${mode.name}`,
    ofMode.length === 0 ? undefined : `Bugs of mode ${mode.name}: ${ofMode.join(', ')}.`,
  );
}
