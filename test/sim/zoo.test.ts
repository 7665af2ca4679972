/** Every bug of the zoo is caught, and nothing is when it is not there. `test/soak/zoo.soak.ts` says how many seeds each takes. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/explore/simulate.js';
import { modeNamed } from '../../src/protocols/registry.js';
import { bugNamed, bugs, modeWithBug } from '../../src/zoo/bugs.js';
import seeds from './zoo-seeds.json' with { type: 'json' };

const pages = new URL('../../docs/zoo/', import.meta.url);

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

  it.each(bugs)('$name has a page, and a row in the index', ({ name }) => {
    const page = readFileSync(new URL(`${name}.md`, pages), 'utf8');
    expect(page).toMatch(
      /\*\*In the field\.\*\*.*\]\(https:.*\*\*The smallest history\*\*.*\*\*The fix\.\*\*/s,
    );
    expect(readFileSync(new URL('README.md', pages), 'utf8')).toContain(`[${name}](${name}.md)`);
  });

  it('names what was meant by a name that is none', () => {
    expect(() => bugNamed('2pc-vote-before-synch')).toThrow('did you mean 2pc-vote-before-sync?');
  });

  it('plants a bug in its own mode only', () => {
    expect(() => modeWithBug(modeNamed('quorum'), 'paxos-own-value')).toThrow(
      "paxos-own-value is a bug of mode paxos, and this cluster's mode is quorum",
    );
  });
});
