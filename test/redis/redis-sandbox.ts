/** Clusters for Redis clients, on ports that nobody else has; and the programs of Debian's redis-tools. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { ended, type Ran, Sandbox } from '../e2e/commands-sandbox.js';

export const runtimeOfMode = {
  '2pc': 'threads',
  quorum: 'processes',
  gossip: 'threads',
  paxos: 'processes',
} as const;
export type ModeName = keyof typeof runtimeOfMode;
export const modeNames = Object.keys(runtimeOfMode) as ModeName[];

/** Below those that systems give to whoever asks for any port, so that a node which restarts finds its own still free. */
const [portMin, portMax] = [12_000, 32_000];

async function isFree(port: number): Promise<boolean> {
  const server: Server = createServer();
  const listening = once(server, 'listening').then(() => true);
  server.listen(port, '127.0.0.1');
  const isOurs = await listening.catch(() => false);
  if (isOurs) await once(server.close(), 'close');
  return isOurs;
}

/** The first of so many free ports in a row. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = portMin + Math.floor(Math.random() * (portMax - portMin));
    let free = 0;
    while (free < count && (await isFree(first + free))) free++;
    if (free === count) return first;
  }
}

/** One cluster of three nodes, all of which take Redis clients. */
export class RedisSandbox extends Sandbox {
  readonly nodeCount = 3;
  #firstPort = 0;

  async up(
    mode: ModeName,
    runtime: 'threads' | 'processes' = runtimeOfMode[mode],
    more: readonly string[] = [],
  ): Promise<void> {
    this.#firstPort = await freePorts(this.nodeCount);
    const size = ['-n', `${this.nodeCount}`, '-m', mode, '--runtime', runtime];
    this.must(['cluster', 'up', ...size, '--resp', `${this.#firstPort}`, ...more]);
  }

  /** Of the node with this number. */
  port(number = 1): number {
    return this.#firstPort + number - 1;
  }

  get ports(): readonly number[] {
    return Array.from({ length: this.nodeCount }, (_, at) => this.#firstPort + at);
  }

  /** What the command prints, if it succeeds. */
  must(args: readonly string[]): string {
    return succeeded(args, this.run(args));
  }

  /** The same while others do something. */
  async mustMeanwhile(args: readonly string[]): Promise<string> {
    return succeeded(args, await ended(this.start(args)));
  }
}

function succeeded(args: readonly string[], { status, stdout, stderr }: Ran): string {
  if (status !== 0) throw new Error(`kvx ${args.join(' ')}: exit ${status}: ${stderr}`);
  return stdout;
}

/** Runs a program of redis-tools to its end. */
export function runTool(
  tool: 'redis-cli' | 'redis-benchmark',
  args: readonly string[],
  input: string | Uint8Array = '',
): Promise<Ran> {
  const child = spawn(tool, args);
  child.stdin.end(input);
  return ended(child);
}

const isInstalled = (tool: string): boolean => spawnSync(tool, ['--version']).error === undefined;

/** Why tests that need the program are skipped; `null`: they are not. In CI it must be there. */
export function reasonToSkip(tool: 'redis-cli' | 'redis-server'): string | null {
  if (process.env['CI'] !== undefined || isInstalled(tool)) return null;
  const debianPackage = tool === 'redis-cli' ? 'redis-tools' : tool;
  return `skipped: ${tool} is not installed (apt-get install ${debianPackage})`;
}
