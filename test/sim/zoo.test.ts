/** Every bug of the zoo is caught, and nothing is when it is not there. `test/soak/zoo.soak.ts` says how many seeds each takes. */
import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/explore/simulate.js';
import { modeNamed } from '../../src/protocols/registry.js';
import { bugNamed, bugs, modeWithBug } from '../../src/zoo/bugs.js';
import seeds from './zoo-seeds.json' with { type: 'json' };

describe('the bug zoo', () => {
  it('knows a seed that shows each bug', () => {
    expect(Object.keys(seeds).sort()).toEqual(bugs.map(({ name }) => name).sort());
  });

  it.each(Object.entries(seeds))(
    '%s is caught under seed %i, which is fine without it',
    (bug, seed) => {
      const { mode } = bugNamed(bug);
      expect(simulate({ mode, seed, bug }).violations).not.toEqual([]);
      expect(simulate({ mode, seed }).violations).toEqual([]);
    },
  );

  it('names what was meant by a name that is none', () => {
    expect(() => bugNamed('2pc-vote-before-synch')).toThrow('did you mean 2pc-vote-before-sync?');
  });

  it('plants a bug in its own mode only', () => {
    expect(() => modeWithBug(modeNamed('quorum'), 'paxos-own-value')).toThrow(
      "paxos-own-value is a bug of mode paxos, and this cluster's mode is quorum",
    );
  });
});
