import { describe, expect, it } from 'vitest';
import { conditionOf, identify, sightingIn } from './process-identity.js';

const stat = (state: string, threads: number): string =>
  `4711 (a ) name) ${state} 1 4711 4711 0 -1 4194304 2153 0 1 0 4 1 0 0 20 0 ${threads} 0 3318958 0 0`;

describe('a process', () => {
  it('is known by its pid and start time', () => {
    const own = identify(process.pid);
    expect(own).toMatchObject({ pid: process.pid });
    if (own === null) throw new Error('no such process');
    expect(conditionOf(own)).toBe('running');
    expect(conditionOf({ ...own, startTime: '1' })).toBe('gone');
  });

  it('runs, is paused, or is gone', () => {
    expect(sightingIn(stat('S', 11))).toEqual({ startTime: '3318958', stopped: false });
    expect(sightingIn(stat('T', 11))).toEqual({ startTime: '3318958', stopped: true });
    expect(sightingIn(stat('X', 1))).toBeNull();
    expect(sightingIn(stat('Z', 1))).toBeNull();
    expect(sightingIn('')).toBeNull();
  });

  it('is not gone while threads of it live on after its first: they hold its sockets', () => {
    expect(sightingIn(stat('Z', 2))).toEqual({ startTime: '3318958', stopped: false });
  });
});
