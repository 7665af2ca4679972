import { describe, expect, it } from 'vitest';
import { candidatesOf, completeLine } from './complete-line.js';

const around = {
  nodes: ['n1', 'n2', 'n3'],
  clients: ['alice'],
  levels: ['one', 'quorum'],
  findKeys: async () => ['apple', 'apricot', 'banana'],
};

async function candidates(line: string): Promise<string[]> {
  return candidatesOf(await completeLine(line, around))[0];
}

describe('completion', () => {
  it.each([
    ['ge', ['get ']],
    ['cl', ['clear', 'client', 'cluster']],
    ['fault pa', ['partition ']],
    ['node re', ['rejoin', 'remove', 'restart', 'resume']],
    ['get ap', ['apple', 'apricot']],
    ['get apple --l', ['--level ']],
    ['get apple --level ', ['one', 'quorum']],
    ['get --node n3 b', ['banana ']],
    ['get apple --level one --l', []],
    ['put apple ', []],
    ['cluster up --resp 7000 --mo', ['--mode ']],
    ['cluster up --resp --mo', ['--mode ']],
    ['cluster up --resp --mode paxos --tr', ['--trace ']],
    ['node kill n1 ', ['n1', 'n2', 'n3']],
    ['fault break a', ['alice ']],
    ['fault cut n1>a', ['n1>alice ']],
    ['fault delay alice-n2', ['alice-n2 ']],
    ['fault partition n1,n2/', ['n1,n2/n3 ']],
    ['fault nemesis halves k', ['kills ']],
    ['fault disk n1 f', ['fail', 'full']],
    ['client bob at n1,', ['n1,n2', 'n1,n3']],
    ['expect ver', ['verify ']],
    ['expect verify ', ['agree', 'differ', 'ok']],
    ['expect within 5s get ban', ['banana ']],
    ['repeat 10 dele', ['delete ']],
    ['help fau', ['fault', 'faults']],
    ['help fault', ['fault', 'faults']],
    ['help fault he', ['heal ']],
    ['nonsense ', []],
  ])('after %j', async (line, expected) => {
    expect(await candidates(line)).toEqual(expected);
  });

  it('offers every command, structure and word of the shell at the beginning', async () => {
    const all = await candidates('');
    expect(all).toEqual(
      expect.arrayContaining(['put', 'fault', 'cluster', 'expect', 'help', 'exit']),
    );
  });
});

describe('candidates', () => {
  const many = Array.from({ length: 100 }, (_, at) => `key-${at}`);

  it('of too many are cut short, unless they share a beginning', () => {
    expect(candidatesOf({ words: many, typed: 'k' })).toEqual([['key-'], 'k']);
    const [shown] = candidatesOf({ words: many, typed: 'key-' });
    expect(shown).toHaveLength(61);
    expect(shown[60]).toBe('…');
  });
});
