/** Clusters for Redis clients, on ports that nobody else has; and the programs of Debian's redis-tools. */
import { spawn, spawnSync } from 'node:child_process';
import { freePorts } from '../../scripts/bench/ports.js';
import { ended, type Ran, Sandbox } from '../e2e/commands-sandbox.js';

export const runtimeOfMode = {
  '2pc': 'threads',
  quorum: 'processes',
  gossip: 'threads',
  paxos: 'processes',
} as const;
export type ModeName = keyof typeof runtimeOfMode;
export const modeNames = Object.keys(runtimeOfMode) as ModeName[];

/** Commands that read and write are atomic there. */
export const isAtomic = (mode: ModeName): boolean => mode === '2pc' || mode === 'paxos';

/** One cluster of three nodes, all of which take Redis clients. */
export class RedisSandbox extends Sandbox {
  readonly nodeCount = 3;
  ports: readonly number[] = [];

  async up(
    mode: ModeName,
    runtime: 'threads' | 'processes' = runtimeOfMode[mode],
    more: readonly string[] = [],
  ): Promise<void> {
    this.ports = await freePorts(this.nodeCount);
    const size = ['-n', `${this.nodeCount}`, '-m', mode, '--runtime', runtime];
    this.must(['cluster', 'up', ...size, '--resp', `${this.port()}`, ...more]);
  }

  /** Of the node with this number. */
  port(number = 1): number {
    return this.ports[number - 1] as number;
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
  // One that reads nothing may have ended before it has all.
  child.stdin.on('error', () => {});
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
