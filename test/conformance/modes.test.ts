/** What `kvx/conformance` asks of any protocol, asked of ours and of one of somebody's own; and that it finds what is wrong. */
import { describe, expect, test } from 'vitest';
import { conformance } from '../../src/library/conformance.js';
import { modeNames } from '../../src/protocols/catalog.js';
import drifting from '../own-mode/drifting.js';
import sole from '../own-mode/sole.js';
import stale from '../own-mode/stale.js';

describe.each(modeNames)('mode %s', (name) => {
  // Whether they keep their promises is asked of many seeds elsewhere.
  const cases = conformance(name, { seeds: 1 }).filter((each) => !/^keeps/.test(each.name));
  for (const { name: what, run } of cases) test(what, run);
});

describe('a mode of one’s own', () => {
  for (const { name, run } of conformance(sole, { seeds: 2 })) test(name, run);
});

const caseOf = (mode: Parameters<typeof conformance>[0], name: RegExp) => {
  const found = conformance(mode, { seeds: 2 }).find((each) => name.test(each.name));
  return () => found?.run();
};

test('a stale read is found, with the seed that shows it', () => {
  expect(caseOf(stale, /nothing going wrong/)).toThrow(/^seed [12]: linearizable: k\d: /);
});

test('chance that nobody gave it is found', () => {
  expect(caseOf(drifting, /same seed/)).toThrow('seed 1 is another run each time');
});

test('a record that is not like itself when it is read again is found', () => {
  const forgetful: typeof sole = (kit) => {
    const { protocol, ...mode } = sole(kit);
    const create: typeof protocol.create = (setup) => {
      const replica = protocol.create(setup);
      replica.snapshot = () => [];
      return replica;
    };
    return { ...mode, name: 'forgetful', protocol: { ...protocol, create } };
  };
  expect(caseOf(forgetful, /recovers a record/)).toThrow('n1 recovers other data from its own');
});
