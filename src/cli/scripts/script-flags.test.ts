import { describe, expect, it } from 'vitest';
import { describesCluster, dialectOptionsOf, toSeeds } from './script-flags.js';

describe('seeds', () => {
  it.each([
    ['1..3', [1, 2, 3]],
    ['2', [1, 2]],
    ['7..7', [7]],
  ])('%s', (text, seeds) => expect(toSeeds(text)).toEqual(seeds));

  it.each(['3..1', '0', '1..', '-1', 'x', '1..2..3', '1..9999999'])('%s are refused', (text) => {
    expect(() => toSeeds(text)).toThrow(/--seeds (must|are)/);
  });
});

describe('flags of a dialect', () => {
  const flags = { dialect: 'cs380d', 'delay-unit': 'ms', models: true } as const;

  it('are refused by another one when they were typed, and left alone when they come from the environment', () => {
    expect(() => dialectOptionsOf(flags, new Set(['models']))).toThrow(
      '--models is for --dialect cs425, not for cs380d',
    );
    expect(() => dialectOptionsOf(flags, new Set())).not.toThrow();
  });
});

it('a password that the environment keeps for Redis clients describes no cluster', () => {
  expect(describesCluster({ 'resp-password': 'x', 'resp-host': '::1', name: 'dev' })).toBe(false);
  expect(describesCluster({ resp: '7000', 'resp-password': 'x' })).toBe(true);
});
