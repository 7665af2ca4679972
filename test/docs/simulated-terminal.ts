/** A terminal in this process, whose clusters are simulated: one of its own from each `cluster up` on. */
import { failureLines } from '../../src/render/failure.js';
import { parseScript } from '../../src/scenario/parser.js';
import { shellSource } from '../../src/scenario/program.js';
import { Runner } from '../../src/scenario/runner.js';
import { ScriptOutput } from '../../src/scenario/script-output.js';
import { display, specFor } from '../../src/scenario/testing/run-script.js';
import { SimTarget } from '../../src/targets/sim.js';

export class SimulatedTerminal {
  #target: SimTarget | null = null;
  #runner: Runner | null = null;
  #out = '';
  #err = '';

  /** `kvx COMMAND`, or its first lines: `kvx COMMAND | head -1`. */
  async prints(typed: string): Promise<string> {
    const [, command = '', count] = /^kvx (.*?)(?: \| head -(\d+))?$/.exec(typed) ?? [];
    await this.#does(command);
    const lines = (this.#out + this.#err).split(/(?<=\n)/);
    return lines.slice(0, Number(count ?? lines.length)).join('');
  }

  async #does(command: string): Promise<void> {
    this.#out = '';
    this.#err = '';
    if (command.startsWith('cluster up')) await this.#begin();
    const spec = this.#target?.spec ?? null;
    const attached = spec !== null;
    const program = parseScript(command, {
      source: shellSource,
      spec: spec ?? specFor(),
      attached,
    });
    try {
      await this.#runner?.run(program);
    } catch (error) {
      const place = `${shellSource}:1: ${command}: `;
      const lines = failureLines(error).map((line) => line.replace(place, 'error: '));
      this.#err += lines.map((line) => `${line}\n`).join('');
    }
  }

  async #begin(): Promise<void> {
    await this.close();
    this.#target = new SimTarget({ afterPromises: setImmediate, seed: 1 });
    const streams = {
      out: (data: string | Uint8Array) => {
        this.#out += Buffer.from(data as string).toString();
      },
      err: (line: string) => {
        this.#err += `${line}\n`;
      },
    };
    const output = new ScriptOutput(streams, display, { json: false, echo: false });
    this.#runner = new Runner(this.#target, output, new AbortController().signal);
  }

  async close(): Promise<void> {
    this.#runner?.close();
    await this.#target?.close();
  }
}
