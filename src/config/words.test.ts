import { describe, expect, it } from 'vitest';
import { nearestWord } from '../core/suggest.js';
import { formatDuration, parseDuration, parseRate } from './duration.js';

describe('durations', () => {
  it.each([
    ['250ms', 250],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['0s', 0],
    ['576h', 24 * 24 * 3_600_000],
  ])('%s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    '5',
    '',
    's',
    '5 s',
    '-1s',
    '1e3s',
    '5sec',
    'NaNs',
    '576.1h',
    `${2 ** 31}ms`,
    `${'9'.repeat(400)}s`,
  ])('%j is none', (text) => expect(parseDuration(text)).toBeNull());

  it.each([
    [0.42, '0.4 ms'],
    [12.4, '12 ms'],
    [1500, '1.5 s'],
    [59_940, '59.9 s'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
    [9.96, '10 ms'],
    [999.7, '1 s'],
    [59_970, '1 min 0 s'],
    [3_599_900, '1 h 0 min'],
  ])('%s is shown as people say it', (ms, text) => expect(formatDuration(ms)).toBe(text));
});

describe('rates', () => {
  it.each([
    ['0.3', 0.3],
    ['.5', 0.5],
    ['0', 0],
    ['30%', 0.3],
    ['7%', 0.07],
    ['2.5 %', null],
    ['-1', null],
    ['1e-3', null],
    ['', null],
  ])('%j', (text, rate) => expect(parseRate(text)).toBe(rate));
});

describe('the word that was meant', () => {
  const known = ['replicas', 'read', 'write', 'get', 'put', 'wait', 'cluster down'];
  it.each([
    ['replcas', 'replicas'],
    ['raed', 'read'],
    ['WRITE', 'write'],
    ['gte', 'get'],
    ['banana', null],
    ['exit', null],
    ['cluster foo', null],
    ['clster dwon', 'cluster down'],
    ['', null],
  ])('%s: %s', (typed, meant) => expect(nearestWord(typed, known)).toBe(meant));
});
