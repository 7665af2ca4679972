/** Types commands: each is a process of its own, the same program that a person would start. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interrupted } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import type { DemoCommand } from './script.js';

export interface Typed {
  /** As shown: `kvx get greeting`. */
  readonly line: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: Millis;
}

const retryMs = 100;

/** Has a KVX_HOME of its own, so that no cluster of the user's is touched. */
export class Typist {
  readonly #program: string;
  readonly #home = mkdtempSync(join(tmpdir(), 'kvx-demo-'));
  readonly #signal: AbortSignal;
  #child: ChildProcess | null = null;

  /** `program` is the script that starts kvx. */
  constructor(program: string, signal: AbortSignal) {
    this.#program = program;
    this.#signal = signal;
  }

  /** Types until it behaves as told, or its patience is at an end; what it came to last. */
  async type(command: DemoCommand): Promise<Typed> {
    const deadline = performance.now() + (command.patienceMs ?? 0);
    for (;;) {
      const typed = await this.#run(command.args);
      if (this.#signal.aborted) throw interrupted();
      if (behavedAsTold(command, typed) || performance.now() + retryMs > deadline) return typed;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }

  /** Stops whatever is still up and removes every trace. */
  async cleanUp(): Promise<void> {
    this.#child?.kill('SIGTERM');
    await this.#run(['cluster', 'down', '--all', '--wipe'], { evenIfAborted: true });
    rmSync(this.#home, { recursive: true, force: true });
  }

  #run(args: readonly string[], { evenIfAborted = false } = {}): Promise<Typed> {
    const begin = performance.now();
    const child = spawn(process.execPath, [this.#program, ...args], {
      env: this.#environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C is for the demo, which then stops its commands in order.
      detached: true,
    });
    this.#child = child;
    const stop = (): void => {
      child.kill('SIGTERM');
    };
    if (!evenIfAborted) {
      if (this.#signal.aborted) stop();
      this.#signal.addEventListener('abort', stop, { once: true });
    }
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (exitCode) => {
        this.#child = null;
        this.#signal.removeEventListener('abort', stop);
        const line = ['kvx', ...args].join(' ');
        resolve({
          line,
          exitCode: exitCode ?? 130,
          stdout,
          stderr,
          tookMs: performance.now() - begin,
        });
      });
    });
  }

  /** The user's, without what they have set for their own clusters. */
  #environment(): NodeJS.ProcessEnv {
    const entries = Object.entries(process.env).filter(
      ([name]) => !name.startsWith('KVX_') && name !== 'FORCE_COLOR' && name !== 'DEBUG',
    );
    return { ...Object.fromEntries(entries), KVX_HOME: this.#home, NO_COLOR: '1' };
  }
}

export function behavedAsTold({ exitCode, stdout }: DemoCommand, typed: Typed): boolean {
  return typed.exitCode === exitCode && (stdout?.test(typed.stdout) ?? true);
}
