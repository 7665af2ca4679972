import { describe, expect, it } from 'vitest';
import { beginRemoving, ended, without } from './node-changes.js';
import { identify } from './state/pidfile.js';
import type { ClusterRecord } from './state/record.js';

const record: ClusterRecord = {
  formatVersion: 1,
  id: 'id',
  createdAt: 0,
  name: 'dev',
  mode: 'quorum',
  nodes: ['n1', 'n2', 'n3'],
  runtime: 'threads',
  sync: 'off',
  options: { priority: ['n3', 'n1'], replicas: 3 },
  delays: [
    { from: 'n1', to: 'n3', meanMs: 1 },
    { from: 'n1', to: 'n2', meanMs: 1 },
  ],
  unlinked: [
    { from: 'n2', to: 'n3' },
    { from: 'n2', to: 'n1' },
  ],
  resp: { host: '127.0.0.1', password: null, port: 7000 },
  respPorts: [
    { node: 'n1', port: 7000 },
    { node: 'n3', port: 7002 },
  ],
  metrics: 9464,
  metricsPorts: [
    { node: 'n1', port: 9464 },
    { node: 'n3', port: 9466 },
  ],
};

describe('a node that has gone', () => {
  const nodeOptions = ['priority'];

  it('is named nowhere but among the retired', () => {
    const by = identify(process.pid) as NonNullable<ReturnType<typeof identify>>;
    const leaving = { ...record, change: { type: 'remove', node: 'n3', by } } as const;
    expect(without(leaving, 'n3', { how: 'retire', nodeOptions })).toEqual({
      ...record,
      nodes: ['n1', 'n2'],
      options: { priority: ['n1'], replicas: 3 },
      delays: [{ from: 'n1', to: 'n2', meanMs: 1 }],
      unlinked: [{ from: 'n2', to: 'n1' }],
      respPorts: [{ node: 'n1', port: 7000 }],
      metricsPorts: [{ node: 'n1', port: 9464 }],
      retired: ['n3'],
    });
  });

  it('may come back when it kept its files, or was never a member', () => {
    for (const how of ['keep files', 'as if never there'] as const) {
      expect(without(record, 'n3', { how, nodeOptions }).retired).toEqual([]);
    }
  });
});

describe('a change that is over', () => {
  it('leaves no trace', () => {
    const by = { pid: 1, startTime: '', bootId: '' };
    expect(ended({ ...record, change: { type: 'add', node: 'n4', by } })).toEqual(record);
  });
});

describe('a mode whose nodes are the same for ever', () => {
  it('begins no change', () => {
    expect(() => beginRemoving(record, 'n3')).toThrow(/mode quorum has no changes of membership/);
  });
});
