import { describe, expect, it } from 'vitest';
import type { KvxError } from '../core/errors.js';
import { virtualTiming } from '../sim/virtual-time.js';
import { World } from '../sim/world.js';
import { Connections } from './connections.js';
import type { Endpoint, NodeConnection } from './endpoint.js';
import { unreachableNode } from './lost.js';

/** An endpoint that lets its test decide when somebody is connected, and to what. */
class SlowEndpoint implements Endpoint {
  readonly node = 'n1';
  readonly dialled: ((outcome: NodeConnection | KvxError) => void)[] = [];

  connect(_timeoutMs: number, connected: (outcome: NodeConnection | KvxError) => void): void {
    this.dialled.push(connected);
  }

  open(): Promise<NodeConnection> {
    return Promise.reject(new Error('no test opens it'));
  }
}

function setUp(retryMs?: number) {
  const world = new World({ seed: 1, eventsMax: 1_000 });
  const connections = new Connections(virtualTiming(world, world.random), retryMs);
  const endpoint = new SlowEndpoint();
  const told: (NodeConnection | KvxError)[] = [];
  const connect = () =>
    connections.connect(endpoint, 1_000, { connected: (outcome) => told.push(outcome) });
  return { world, connections, endpoint, told, connect };
}

const refused = unreachableNode('n1', 'nobody listens at its socket');

function connection() {
  const unasked = () => Promise.reject(new Error('no test asks this'));
  const asks = {
    lookup: unasked,
    scan: unasked,
    page: unasked,
    status: unasked,
    request: () => {},
  };
  const made = { node: 'n1', isOpen: true, close: () => {}, onLeader: () => {}, ...asks };
  made.close = () => {
    made.isOpen = false;
  };
  return made;
}

describe('connections', () => {
  it('are made once for all who wait, and kept', () => {
    const { connections, endpoint, told, connect } = setUp();
    connect();
    connect();
    expect(connections.to('n1')).toBeNull();
    const made = connection();
    endpoint.dialled[0]?.(made);
    expect(told).toEqual([made, made]);
    expect(connections.to('n1')).toBe(made);
    connect();
    expect(told).toHaveLength(3);
    expect(endpoint.dialled).toHaveLength(1);
  });

  it('are made anew when one was lost', () => {
    const { connections, endpoint, connect } = setUp();
    connect();
    const lost = connection();
    endpoint.dialled[0]?.(lost);
    lost.isOpen = false;
    expect(connections.to('n1')).toBeNull();
    connect();
    const next = connection();
    endpoint.dialled[1]?.(next);
    expect(connections.to('n1')).toBe(next);
  });

  it('are not tried again at once where many would', () => {
    const { world, endpoint, told, connect } = setUp(100);
    connect();
    endpoint.dialled[0]?.(refused);
    connect();
    expect(told).toEqual([refused, refused]);
    expect(endpoint.dialled).toHaveLength(1);
    world.runUntil(100);
    connect();
    expect(endpoint.dialled).toHaveLength(2);
  });

  it('are closed for good: whoever waits is told so, and what is connected too late is hung up', () => {
    const { connections, endpoint, told, connect } = setUp();
    connect();
    connections.close();
    connect();
    const late = connection();
    endpoint.dialled[0]?.(late);
    expect(late.isOpen).toBe(false);
    expect(connections.to('n1')).toBeNull();
    expect(told.map((outcome) => 'message' in outcome && outcome.message)).toEqual(
      Array(2).fill("n1 can't be reached: the client is closed"),
    );
  });
});
