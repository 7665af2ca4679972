import { describe, expect, it } from 'vitest';
import { Doorbell, newDoorbell } from './doorbell.js';

function setUp() {
  const memory = newDoorbell();
  const [node, peer] = [new Doorbell(memory), new Doorbell(memory)];
  let woken = 0;
  const ring = (): number => {
    peer.ring(() => woken++);
    return woken;
  };
  return { node, peer, ring };
}

describe('a doorbell', () => {
  it('wakes a node that rests, once a rest', () => {
    const { node, ring } = setUp();
    expect(ring()).toBe(0);
    node.rest();
    expect([ring(), ring()]).toEqual([1, 1]);
    node.rest();
    expect([ring(), ring()]).toEqual([2, 2]);
  });

  it('wakes no node that found something when it was about to rest', () => {
    const { node, ring } = setUp();
    node.rest();
    node.wake();
    expect(ring()).toBe(0);
  });

  it('wakes it once, however many ring at the same time', () => {
    const { node, peer, ring } = setUp();
    node.rest();
    const seen: number[] = [];
    peer.ring(() => seen.push(ring()));
    expect(seen).toEqual([0]);
  });

  it('wakes from a later rest, though a peer is not done with the one before', () => {
    const { node, peer, ring } = setUp();
    node.rest();
    // The node wakes up, looks, and rests again, all before the peer goes on.
    peer.ring(() => node.rest());
    expect(ring()).toBe(1);
  });
});
