/**
 * What docs/faults.md shows is what kvx prints: the commands of its consoles are done in the simulator, in order, on a cluster
 * of their own from each `cluster up` on. Where it shows no output, a command is only done. `KVX_REWRITE=1` writes down what
 * comes of them now. Its scripts hold, too.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { failureLines } from '../src/render/failure.js';
import { parseScript } from '../src/scenario/parser.js';
import { shellSource } from '../src/scenario/program.js';
import { Runner } from '../src/scenario/runner.js';
import { ScriptOutput } from '../src/scenario/script-output.js';
import { display, runScript, specFor } from '../src/scenario/testing/run-script.js';
import { SimTarget } from '../src/targets/sim.js';

const document = join(import.meta.dirname, '../docs/faults.md');
const written = readFileSync(document, 'utf8');
const blocksOf = (kind: string): string[] =>
  [...written.matchAll(new RegExp(`^\`\`\`${kind}\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, text = '']) => text,
  );

/** A terminal with a cluster of its own from each `cluster up` on. */
class Terminal {
  #target: SimTarget | null = null;
  #runner: Runner | null = null;
  #out = '';
  #err = '';

  async does(command: string): Promise<string> {
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
    return this.#out + this.#err;
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

test('the page shows what kvx prints', async () => {
  const terminal = new Terminal();
  let now = written;
  for (const block of blocksOf('console')) {
    const shown: string[] = [];
    for (const each of block.split(/^(?=\$ kvx )/m)) {
      const [line = '', ...output] = each.trimEnd().split('\n');
      const [, command = '', count] = /^\$ kvx (.*?)(?: \| head -(\d+))?$/.exec(line) ?? [];
      const lines = (await terminal.does(command)).split(/(?<=\n)/);
      const printed = lines.slice(0, Number(count ?? lines.length)).join('');
      const isShort = lines.length > 0 && count === '1';
      shown.push(output.length === 0 ? `${line}\n` : `${line}\n${printed}${isShort ? '' : '\n'}`);
    }
    const after = `\`\`\`console\n${shown.join('').trimEnd()}\n`;
    now = now.replace(`\`\`\`console\n${block}`, () => after);
  }
  await terminal.close();
  if (process.env['KVX_REWRITE'] === '1') writeFileSync(document, now);
  else expect(now).toBe(written);
});

test.each(blocksOf('kvx'))('its script holds: %j', async (text) => {
  const { report, error } = await runScript(text);
  expect({ error, failed: report?.failed }).toEqual({ error: null, failed: false });
});
