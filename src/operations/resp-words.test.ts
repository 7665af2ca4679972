import { describe, expect, it } from 'vitest';
import { runScript } from '../scenario/testing/run-script.js';
import { redisCli, respAddress, withPlaces } from './resp-words.js';

const place = (more: object = {}) => ({
  ...{ node: 'n1', host: '127.0.0.1', port: 7379, socket: '/run/n1.resp', password: false },
  ...more,
});

describe('where Redis clients are let in', () => {
  it.each([
    [place(), 'redis-cli -p 7379'],
    [place({ host: 'localhost', port: 7000 }), 'redis-cli -p 7000'],
    [place({ host: '0.0.0.0', password: true }), 'redis-cli -p 7379 --askpass'],
    [place({ host: '::1' }), 'redis-cli -h ::1 -p 7379'],
    [place({ host: '127.0.0.2' }), 'redis-cli -h 127.0.0.2 -p 7379'],
  ])('%j is reached with %s', (at, line) => {
    expect(redisCli(at)).toBe(line);
  });

  it('is an address', () => {
    expect([place(), place({ host: '::1' })].map(respAddress)).toEqual([
      '127.0.0.1:7379',
      '[::1]:7379',
    ]);
  });

  it('stands beside each node, and not which password it is', () => {
    const { node: _, ...resp } = place({ password: true });
    const url = 'http://127.0.0.1:9464/metrics';
    const places = {
      respPlaces: [place({ password: true })],
      metricsPlaces: [{ node: 'n2', port: 9464, url }],
    };
    expect(withPlaces([{ node: 'n1' }, { node: 'n2' }], places)).toEqual([
      { node: 'n1', resp, metrics: null },
      { node: 'n2', resp: null, metrics: url },
    ]);
  });

  it('is nowhere in the simulator, where nothing is started then', async () => {
    const { error } = await runScript('cluster up --resp\nput a 1');
    expect(String(error)).toContain('`cluster up --resp` is not for a simulated cluster');
  });
});
