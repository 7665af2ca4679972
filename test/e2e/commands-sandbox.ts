/** The command line as built, in processes of its own, with a home that nobody else has. */
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkDocuments } from '../schema/documents.js';

const root = join(import.meta.dirname, '../..');

/** How the command line is started: as built, or the single executable that KVX_BIN names. */
export const [kvx, ...kvxArgs]: readonly [string, ...string[]] = process.env['KVX_BIN']
  ? [resolve(process.env['KVX_BIN'])]
  : [process.execPath, join(root, 'bin/run.js')];

/** The same, as a shell takes it. */
export const kvxInShell = [kvx, ...kvxArgs].map((word) => `'${word}'`).join(' ');

interface ManifestCommand {
  readonly id: string;
  readonly summary?: string;
  readonly examples?: readonly string[];
  readonly flags: Readonly<Record<string, { readonly env?: string; readonly hidden?: boolean }>>;
}

export const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as {
  readonly commands: Readonly<Record<string, ManifestCommand>>;
};

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Extra = Readonly<Record<string, string>>;

export class Sandbox {
  readonly home = mkdtempSync(join(tmpdir(), 'kvx-e2e-'));
  readonly runtime = mkdtempSync(join(tmpdir(), 'kvx-rt-'));

  /** Runs a command to its end. */
  run(args: readonly string[], input: string | Uint8Array = '', env: Extra = {}): Ran {
    const { status, stdout, stderr } = this.runBytes(args, input, env);
    return { status, stdout: stdout.toString(), stderr: stderr.toString() };
  }

  runBytes(
    args: readonly string[],
    input: string | Uint8Array = '',
    env: Extra = {},
  ): SpawnSyncReturns<Buffer> {
    const ran = spawnSync(kvx, [...kvxArgs, ...args], {
      env: this.env(env),
      input,
      maxBuffer: 64 * 1024 * 1024,
      timeout: 60_000,
    });
    checkDocuments(args, ran.stdout.toString(), env);
    return ran;
  }

  /** What `--json` prints, with the exit code. */
  json(args: readonly string[], input: string | Uint8Array = '') {
    const { status, stdout } = this.run([...args, '--json'], input);
    return { status, document: JSON.parse(stdout) };
  }

  /** A line of shell in which `kvx` is the command. */
  shell(script: string): Ran {
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['--norc', '-c', `kvx() { ${kvxInShell} "$@"; }\n${script}`],
      { env: this.env(), encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 110_000 },
    );
    return { status, stdout, stderr };
  }

  /** Starts a command that is to be interrupted. */
  start(args: readonly string[], env: Extra = {}) {
    return spawn(kvx, [...kvxArgs, ...args], { env: this.env(env) });
  }

  cleanUp(): void {
    this.run(['cluster', 'down', '--all', '--wipe']);
    for (const folder of [this.home, this.runtime]) {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  env(extra: Extra = {}): NodeJS.ProcessEnv {
    const { PATH, TMPDIR } = process.env;
    return { PATH, TMPDIR, KVX_HOME: this.home, XDG_RUNTIME_DIR: this.runtime, ...extra };
  }
}

/** How a process ended, once it has. */
export function ended(child: ReturnType<Sandbox['start']>): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('close', (status) => {
      try {
        // Redis' tools have a flag --json, too.
        if (child.spawnfile === kvx) {
          checkDocuments(child.spawnargs.slice(1 + kvxArgs.length), stdout);
        }
        resolve({ status, stdout, stderr });
      } catch (error) {
        reject(error);
      }
    });
  });
}
