/**
 * What docs/tracing.md shows is what kvx prints: the commands of its consoles are run in order, in a folder with the scripts of
 * docs/tracing/. Where it shows no output, a command is only run. `KVX_REWRITE=1` writes down what comes of them now.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pictureOf } from '../../scripts/trace-picture.js';
import { exportAs } from '../../src/trace/exports.js';
import { eventOfTraceLine } from '../../src/trace/line.js';
import { Recall } from '../../src/trace/recall.js';
import { importedByPerfetto } from '../../src/trace/testing/perfetto-rules.js';
import { parsedByShiviz } from '../../src/trace/testing/shiviz-rules.js';
import { Sandbox } from './commands-sandbox.js';

const root = join(import.meta.dirname, '../..');
const document = join(root, 'docs/tracing.md');
const written = readFileSync(document, 'utf8');
const sandbox = new Sandbox();
const folder = mkdtempSync(join(tmpdir(), 'kvx-docs-'));
/** Files by what is in them and what should be. */
const pictures = new Map<string, string>();
let rewritten = '';

const eventsIn = (lines: string) => lines.trimEnd().split('\n').map(eventOfTraceLine);

function run(command: string): string {
  const { status, stdout, stderr } = sandbox.shell(`cd ${folder}\n${command}`);
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  return stdout;
}

/** A command and what is shown of it, as it should stand there. */
function shown(text: string): string {
  const [command = '', ...output] = text.trimEnd().split('\n');
  const [, trace, picture] = /^(.*) \| node scripts\/trace-picture.js > (\S+)$/.exec(command) ?? [];
  if (trace !== undefined && picture !== undefined) {
    pictures.set(picture, pictureOf(eventsIn(run(trace))));
    return text;
  }
  const said = run(command);
  return output.length === 0 ? text : `${command}\n${said}`;
}

beforeAll(() => {
  cpSync(join(root, 'docs/tracing'), folder, { recursive: true });
  rewritten = written.replace(/(?<=^```console\n)[\s\S]*?(?=^```$)/gm, (block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((each) => `$ ${shown(each)}`)
      .join(''),
  );
  if (process.env['KVX_REWRITE'] === undefined) return;
  writeFileSync(document, rewritten);
  for (const [file, svg] of pictures) writeFileSync(join(root, file), svg);
});

afterAll(() => {
  sandbox.cleanUp();
  rmSync(folder, { recursive: true, force: true });
});

test('the page shows what kvx prints', () => {
  expect(rewritten).toBe(process.env['KVX_REWRITE'] === undefined ? written : rewritten);
});

test('the pictures are those of the traces', () => {
  expect(pictures.size).toBe(2);
  for (const [file, svg] of pictures) expect(readFileSync(join(root, file), 'utf8')).toBe(svg);
});

test.each(['take-over.jsonl', 'read-repair.jsonl'])(
  'ShiViz and Perfetto take what is exported of %s, with every arrow',
  (file) => {
    const events = eventsIn(readFileSync(join(folder, file), 'utf8'));
    const exported = (name: 'shiviz' | 'perfetto'): string => {
      const to = exportAs(name);
      const recall = new Recall();
      return to.begin() + events.map((each) => to.event(recall.take(each))).join('') + to.end();
    };
    expect(parsedByShiviz(exported('shiviz'))).toHaveLength(events.length);
    const count = (type: string) => events.filter(({ data }) => data.type === type).length;
    const { tracks, arrows, asyncSlices } = importedByPerfetto(exported('perfetto'));
    expect([...tracks.keys()].sort()).toEqual(['n1', 'n2', 'n3']);
    expect(arrows).toBe(count('delivered'));
    const begun = events.filter(({ data }) => data.type === 'fault' && data.change === 'begin');
    expect(asyncSlices).toBe(count('call') + begun.length);
  },
);
