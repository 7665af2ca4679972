/** A cluster on any runtime, and what is typed at it, within the test's own process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { display, specFor } from '../../src/scenario/testing/run-script.js';
import { KvxLanguage } from '../../src/shell/kvx-language.js';
import { ownTarget } from '../../src/targets/local.js';
import { SimTarget } from '../../src/targets/sim.js';
import type { Target, TargetRuntime } from '../../src/targets/target.js';

export class Lab {
  readonly target: Target;
  readonly #language: KvxLanguage;
  /** Short, because socket paths must be. */
  readonly #folder = mkdtempSync(join(tmpdir(), 'kvx-'));
  #said: string[] = [];

  constructor(runtime: TargetRuntime) {
    process.env['KVX_HOME'] = join(this.#folder, 'home');
    process.env['XDG_RUNTIME_DIR'] = join(this.#folder, 'run');
    this.target =
      runtime === 'sim'
        ? new SimTarget({ afterPromises: setImmediate, seed: 1 })
        : ownTarget(runtime, new AbortController().signal);
    this.#language = new KvxLanguage({
      ...{ target: this.target, attached: false, spec: specFor(), display, host: null },
      streams: {
        out: (data) => this.#said.push(Buffer.from(data as string).toString()),
        err: (line) => this.#said.push(`${line}\n`),
      },
      readConfig: undefined,
    });
  }

  /** What is said to it. Errors are said, too. */
  async type(line: string): Promise<string> {
    this.#said = [];
    await this.#language.run(line, new AbortController().signal);
    return this.#said.join('').trimEnd();
  }

  /** How long that took, by the cluster's own time. */
  async timed(line: string): Promise<number> {
    const { timing } = this.target;
    const begin = timing.now();
    await this.type(line);
    return timing.now() - begin;
  }

  async close(): Promise<void> {
    this.#language.close();
    await this.target.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
