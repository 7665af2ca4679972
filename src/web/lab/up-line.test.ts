import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../scenario/assist.js';
import { upLineOf, withUpLine } from './up-line.js';

const scenario = [
  '# A title',
  '',
  'cluster up -m quorum -n 3 --read=one --write one   # fast',
  'put x 1',
].join('\n');

describe('the line that starts the cluster', () => {
  it('is read with short and long flags', () => {
    const { mode, flags } = upLineOf(scenario);
    expect(mode).toBe('quorum');
    expect([...flags]).toEqual([
      ['nodes', '3'],
      ['read', 'one'],
      ['write', 'one'],
    ]);
  });

  it('is written in its place, with its comment', () => {
    const { mode, flags } = upLineOf(scenario);
    expect(withUpLine(scenario, { mode, flags: new Map([...flags, ['nodes', '5']]) })).toBe(
      scenario.replace('-m quorum -n 3 --read=one', '--mode quorum -n 5 --read one'),
    );
  });

  it('keeps only what another mode has, too', () => {
    for (const mode of ['2pc', 'gossip', 'paxos'] as const) {
      const changed = withUpLine(scenario, {
        mode,
        flags: new Map([
          ['nodes', '3'],
          ['write', 'one'],
        ]),
      });
      expect(problemsOf(changed)).toEqual([]);
      expect(upLineOf(changed)).toEqual({ mode, flags: new Map([['nodes', '3']]) });
    }
  });

  it('is put before all that is done where there is none', () => {
    const bare = '# A title\n\nput x 1\n';
    expect(upLineOf(bare)).toEqual({ mode: 'quorum', flags: new Map() });
    expect(withUpLine(bare, { mode: 'paxos', flags: new Map() })).toBe(
      '# A title\n\ncluster up --mode paxos\nput x 1\n',
    );
  });
});
