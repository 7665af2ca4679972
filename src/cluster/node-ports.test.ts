import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveSpec } from '../config/resolve.js';
import { runConflicts } from '../config/spec.js';
import {
  checkPortsFree,
  metricsPlacesOf,
  portsFor,
  respPlacesOf,
  withPorts,
} from './node-ports.js';
import { type ClusterRecord, formatRecord, parseRecord, respAddressOf } from './state/record.js';

const host = '127.0.0.1';
const resp = (port: number, more: object = {}) => ({ host, password: null, port, ...more });
const spec = { ...resolveSpec([]), nodes: ['n1', 'n2', 'n3'] };

const recordOf = (more: Partial<ClusterRecord>): ClusterRecord => {
  const record = { ...spec, formatVersion: 1, id: 'id', createdAt: 0, ...more } as const;
  return { ...portsFor(record), ...record };
};

const portsIn = ({ respPorts = [] }: Pick<ClusterRecord, 'respPorts'>): string =>
  respPorts.map(({ node, port }) => `${node} ${port}`).join(', ');

describe('ports for Redis clients', () => {
  it('are one after another, and none where nobody is let in', () => {
    expect(portsIn(recordOf({ resp: resp(7000) }))).toBe('n1 7000, n2 7001, n3 7002');
    expect(portsIn(recordOf({}))).toBe('');
  });

  it('stay those of a node as long as the first port is not asked to be another', () => {
    const kept = [
      { node: 'n1', port: 7000 },
      { node: 'n2', port: 7001 },
      { node: 'n3', port: 7009 },
    ];
    const before = recordOf({ resp: resp(7000), respPorts: kept });
    const again = (port: number) => portsFor({ ...spec, resp: resp(port) }, before).respPorts ?? [];
    expect(again(7000)).toEqual(kept);
    expect(again(7100).map(({ port }) => port)).toEqual([7100, 7101, 7102]);
    expect(portsFor({ ...spec, resp: null }, before).respPorts).toEqual([]);
  });

  it('are in the record, and an older record that has none is as sound', () => {
    const record = recordOf({ resp: resp(7000, { password: 'x' }) });
    expect(parseRecord(formatRecord(record))).toEqual(record);
    const { resp: _, respPorts: __, ...older } = record;
    const read = parseRecord(formatRecord(older));
    expect(respAddressOf(read, 'n1')).toBeNull();
    expect(respPlacesOf({ record: read, sockets: '/run' })).toEqual([]);
    const broken = { ...record, resp: { port: '7000' } };
    expect(() => parseRecord(JSON.stringify(broken))).toThrow('fields are missing');
  });

  it('are told with the socket beside, and whether there is a password', () => {
    const record = recordOf({ resp: resp(7000, { password: 'x' }), nodes: ['n1'] });
    expect(respPlacesOf({ record, sockets: '/run' })).toEqual([
      { node: 'n1', host, port: 7000, socket: '/run/n1.resp', password: true },
    ]);
  });

  it('can not change while the cluster runs', () => {
    const conflicts = (had: object | null, asked: object | null) =>
      runConflicts({ ...spec, resp: had as never }, { ...spec, resp: asked as never });
    expect(conflicts(null, null)).toEqual([]);
    expect(runConflicts(spec, { ...spec, resp: null })).toEqual([]);
    expect(conflicts(resp(7000), resp(7000))).toEqual([]);
    expect(conflicts(resp(7000), null)).toEqual(['resp 7000, not off']);
    expect(conflicts(null, resp(7000))).toEqual(['resp off, not 7000']);
    expect(conflicts(resp(7000), resp(7000, { host: '::1' }))).toEqual([
      'resp at 127.0.0.1, not ::1',
    ]);
    const password = conflicts(resp(7000, { password: 'old' }), resp(7000, { password: 'new' }));
    expect(password).toEqual(['another resp-password']);
  });
});

describe('ports to be scraped at', () => {
  it('are those of loopback, beside the others, and stay as these do', () => {
    const record = recordOf({ metrics: 9464, resp: resp(7000) });
    expect(metricsPlacesOf({ record }).map(({ node, url }) => `${node} ${url}`)).toEqual([
      'n1 http://127.0.0.1:9464/metrics',
      'n2 http://127.0.0.1:9465/metrics',
      'n3 http://127.0.0.1:9466/metrics',
    ]);
    expect(portsFor({ ...spec, metrics: 9464 }, record).metricsPorts).toBe(record.metricsPorts);
    expect(portsFor(spec, record)).toEqual({ respPorts: [], metricsPorts: [] });
    expect(parseRecord(formatRecord(record))).toEqual(record);
  });

  it('can not change while the cluster runs', () => {
    expect(runConflicts({ ...spec, metrics: 9464 }, spec)).toEqual(['metrics 9464, not off']);
  });
});

describe('a port that is taken', () => {
  const taken: Server = createServer();
  let port = 0;
  const home = mkdtempSync(join(tmpdir(), 'kvx-resp-'));

  beforeAll(async () => {
    await new Promise<void>((resolve) => taken.listen({ host, port: 0 }, () => resolve()));
    ({ port } = taken.address() as { port: number });
  });
  afterAll(() => {
    taken.close();
    rmSync(home, { recursive: true });
  });

  it('is found before anything starts, and told with what to type', async () => {
    const record = recordOf({ resp: resp(port), nodes: ['n1'] });
    await expect(checkPortsFree(record, { KVX_HOME: home })).rejects.toMatchObject({
      code: 'cluster',
      definite: true,
      message: `n1 can't take Redis clients at port ${port} of 127.0.0.1: another process listens there`,
      hint: expect.stringMatching(
        /^Nothing was started\. Choose others with `--resp (7\d00|8\d00|PORT)`\.$/,
      ),
    });
  });

  it('is told from an address that this machine does not have', async () => {
    const record = recordOf({ resp: resp(port, { host: '192.0.2.1' }), nodes: ['n1'] });
    await expect(checkPortsFree(record, { KVX_HOME: home })).rejects.toMatchObject({
      message: expect.stringContaining("this machine can't listen there (EADDRNOTAVAIL)"),
      hint: expect.stringContaining('--resp-host'),
    });
  });

  it('is passed over for a node that comes later', async () => {
    const record = recordOf({
      resp: resp(port - 1),
      respPorts: [{ node: 'n1', port: port - 1 }],
    });
    const grown = await withPorts(record, 'n2');
    const [, { port: found = 0 } = {}] = grown.respPorts ?? [];
    expect(found).toBeGreaterThan(port);
    expect(await withPorts(grown, 'n2')).toBe(grown);
    const closed = recordOf({});
    expect(await withPorts(closed, 'n2')).toBe(closed);
  });

  it('is no matter when there is none left', async () => {
    const record = recordOf({
      resp: resp(65_535),
      respPorts: [{ node: 'n1', port: 65_535 }],
    });
    await expect(withPorts(record, 'n2')).rejects.toMatchObject({
      message: 'no port after 65535 of 127.0.0.1 is free for n2 to take Redis clients',
      definite: true,
    });
  });
});
