import { expect, test } from 'vitest';
import { phasesOfMode } from '../../explore/phases/phases.js';
import { runSeed } from '../../explore/seed-run.js';
import { faultNames } from '../../faults/fault.js';
import { cellNamed, faultGroups } from './cells.js';

const phaseOf = (text: string): string => {
  const { mode, focus } = cellNamed(text);
  return `${mode} ${phasesOfMode(mode)[focus.phase]?.name}`;
};

test('a cell is named by its phase and a column or a kind of fault', () => {
  expect(phaseOf('worker: in doubt:crash')).toBe('2pc worker: in doubt');
  expect(phaseOf('In Doubt:kill')).toBe('2pc worker: in doubt');
  expect(phaseOf('accept-out:pause')).toBe('paxos leader: accept out, none accepted');
  expect(cellNamed('in doubt:power-cut').focus.kinds).toEqual(['power cut']);
  expect(cellNamed('in doubt:CUT').focus.kinds).toEqual(faultGroups['CUT']);
  expect(Object.values(faultGroups).flat().sort()).toEqual([...faultNames].sort());
});

test('what is no cell is refused, with what might be meant', () => {
  expect(() => cellNamed('in dubt:crash')).toThrow('did you mean in doubt?');
  expect(() => cellNamed('in doubt:crush')).toThrow('did you mean crash?');
  expect(() => cellNamed('not durable:crash', ['2pc'])).toThrow('could be 2pc\'s "coordinator');
  expect(() => cellNamed('crash')).toThrow('--focus is PHASE:FAULT');
});

test('faults in focus meet their phase far more often', () => {
  const { mode, focus } = cellNamed('prepare out:crash');
  const hits = (focused: boolean): number => {
    let sum = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const { cells } = runSeed({ mode, seed, ...(focused ? { focus } : {}) }).outcome.met;
      for (const kind of focus.kinds) sum += cells.get(`${focus.phase} ${kind}`) ?? 0;
    }
    return sum;
  };
  expect(hits(true)).toBeGreaterThan(hits(false) + 3);
});
