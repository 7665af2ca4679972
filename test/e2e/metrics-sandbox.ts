/** Clusters whose metrics are read, and Prometheus' own tool to judge them. */
import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import { freePorts } from '../../scripts/bench/ports.js';
import { ended, Sandbox } from './commands-sandbox.js';

/** `null`: there is nothing in the way. Where CI has to have it, its absence is a failure. */
export function reasonToSkipPromtool(): string | null {
  if (process.env['CI'] !== undefined) return null;
  const isInstalled = spawnSync('promtool', ['--version']).error === undefined;
  return isInstalled ? null : 'skipped: promtool is not installed (apt-get install prometheus)';
}

/** What `promtool check metrics` has to say; empty: nothing. */
export function promtool(text: string): string {
  const { status, stdout, stderr, error } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  return status === 0 ? `${stdout}${stderr}` : `exit code ${status}: ${stdout}${stderr}`;
}

/** The samples under such a name, summed up. */
export function sumOf(text: string, sample: string): number {
  const values = text
    .split('\n')
    .filter((line) => line.startsWith(sample))
    .map((line) => Number(line.slice(line.lastIndexOf(' '))));
  return values.reduce((sum, value) => sum + value, 0);
}

/** A cluster under load with lossy links and a slow disk: what each node tells then. */
export async function scrapedUnderLoad(mode: string, runtime: string): Promise<string[]> {
  const sandbox = new Sandbox();
  try {
    const ports = await freePorts(3);
    const name = ['--name', 'm'];
    const kind = ['-n', '3', '--mode', mode, '--runtime', runtime];
    const up = ['cluster', 'up', ...name, ...kind, '--metrics', `${ports[0]}`, '--resp=off'];
    expect(await ended(sandbox.start(up))).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`:${ports[0]}/metrics`),
    });
    const urls = ports.map((port) => `http://127.0.0.1:${port}/metrics`);
    const { document } = sandbox.json(['node', 'status', 'n2', '-C', 'm']);
    expect(document.nodes).toMatchObject([{ metrics: urls[1] }]);
    // The first look begins to watch the loop of events.
    await Promise.all(urls.map((url) => fetch(url)));
    // Gossip sends few messages, each with many writes, and waits for none.
    const share = mode === 'gossip' ? '50%' : '5%';
    const faults = [`fault drop ${share}`, 'fault disk n2 slow 2ms'];
    // Where each set waits for every node, a lost message costs it a time-out.
    const sets = mode === '2pc' ? 101 : 200;
    const load = ['insert a 1', 'insert a 1', 'get a --node n2', `rapidset ${sets} --timeout 2s`];
    const run = sandbox.start(['run', '-', '-C', 'm']);
    run.stdin.end([...faults, ...load].join('\n'));
    await ended(run);
    return await Promise.all(urls.map(async (url) => (await fetch(url)).text()));
  } finally {
    sandbox.cleanUp();
  }
}
