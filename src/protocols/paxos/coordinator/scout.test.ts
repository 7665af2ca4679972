/** Phase 1: what a candidate may and must propose. */
import { describe, expect, test } from 'vitest';
import type { Ballot } from '../ballot.js';
import type { Batch, Slot } from '../command.js';
import type { AcceptedValue, Of } from '../messages.js';
import { Scout } from './scout.js';

const ballot: Ballot = { round: 9, node: 'n1' };
const members = ['n1', 'n2', 'n3'];

function value(slot: Slot, round: number, proposer: string): AcceptedValue {
  return { slot, ballot: { round, node: 'n2' }, batch: { proposer, commands: [] } };
}

function promise(accepted: AcceptedValue[], more: Partial<Of<'promise'>> = {}): Of<'promise'> {
  return { type: 'promise', ballot, decided: 0, part: 0, last: true, accepted, ...more };
}

const proposerOf = (batch: Batch | null) => batch?.proposer ?? null;

describe('phase 1', () => {
  test('"v is the value of the highest-numbered proposal among all proposals numbered less than n accepted by the acceptors in S" (Lamport 2001, P2c)', () => {
    const orders = [
      [1, 2, 3],
      [3, 2, 1],
      [2, 3, 1],
    ];
    for (const order of orders) {
      const scout = new Scout(ballot.node);
      for (const round of order) {
        scout.onPromise(`n${round}`, promise([value(1, round, `of round ${round}`)]));
      }
      expect(proposerOf(scout.valueFor(1))).toBe('of round 3');
    }
  });

  test('"or is any value selected by the proposer if the responders reported no proposals"', () => {
    const scout = new Scout(ballot.node);
    scout.onPromise('n1', promise([value(3, 1, 'x')]));
    scout.onPromise('n2', promise([]));
    expect([1, 2, 3, 4].map((slot) => proposerOf(scout.valueFor(slot)))).toEqual([
      null,
      null,
      'x',
      null,
    ]);
    expect(scout.adoptedUpTo).toBe(3);
  });

  test('needs "responses from a majority of acceptors", each counted once', () => {
    const scout = new Scout(ballot.node);
    scout.onPromise('n1', promise([]));
    scout.onPromise('n1', promise([]));
    expect(scout.covers(members)).toBe(false);
    scout.onPromise('n9', promise([]));
    expect(scout.covers(members)).toBe(false);
    scout.onPromise('n2', promise([]));
    expect(scout.covers(members)).toBe(true);
    // A majority is one of the members at hand.
    expect(scout.covers(['n1', 'n2', 'n3', 'n4'])).toBe(false);
    expect(scout.covers(['n1', 'n2', 'n3', 'n9'])).toBe(true);
  });

  test('a promise counts when all of its parts are here, whatever was lost or doubled on the way', () => {
    const scout = new Scout(ballot.node);
    scout.onPromise('n2', promise([value(1, 1, 'a')], { part: 0, last: false }));
    scout.onPromise('n2', promise([value(3, 1, 'c')], { part: 2, last: true }));
    expect(scout.hasPromised('n2')).toBe(false);
    // Asked again, it begins anew.
    scout.onPromise('n2', promise([value(1, 1, 'a')], { part: 0, last: false }));
    scout.onPromise('n2', promise([value(2, 1, 'b')], { part: 1, last: false }));
    scout.onPromise('n2', promise([value(3, 1, 'c')], { part: 2, last: true }));
    expect(scout.hasPromised('n2')).toBe(true);
    expect(proposerOf(scout.valueFor(2))).toBe('b');
  });

  test('remembers who knows most of what is chosen: that is learned, not proposed', () => {
    const scout = new Scout(ballot.node);
    scout.onPromise('n1', promise([], { decided: 4 }));
    scout.onPromise('n2', promise([], { decided: 7 }));
    scout.onPromise('n3', promise([], { decided: 5 }));
    expect([scout.learnUpTo, scout.learnFrom]).toEqual([7, 'n2']);
  });
});
