/** `--report`: one page each of five commands, which has in it what they say. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openPage } from '../web/parts-of-page.js';
import { Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

const stale = join(import.meta.dirname, '../corpus/stale-read.jsonl');
const page = join(sandbox.home, 'r.html');

/** Runs it with `--json`; what the page then has in it, and the documents. */
async function reported(args: readonly string[], input = '') {
  const ran = sandbox.run([...args, '--json', '--report', page], input);
  expect(ran.stderr).toMatch(/^report: .*r\.html \(\d+(\.\d)? (kB|MB)\)$/m);
  const documents = ran.stdout
    .trimEnd()
    .split(/\n(?=\{)/)
    .map((text) => JSON.parse(text));
  return { ran, documents, report: await openPage(readFileSync(page, 'utf8')) };
}

describe('kvx check', () => {
  it('has the verdict and the history in it, and what was typed', async () => {
    const { ran, documents, report } = await reported(['check', stale]);
    const { file: _, ...verdict } = documents[0];
    expect(ran.status).toBe(0);
    expect(report.check).toEqual(verdict);
    const history = await report.history();
    expect(history?.count).toBe(verdict.operations);
    expect(report.about).toMatchObject({ kind: 'check', seed: null });
    expect(report.about.command).toBe(`kvx check ${stale} --json --report ${page}`);
    expect(report.about.versions[1]).toBe(`Node ${process.versions.node}`);
  });

  it('overwrites a report that is there, and leaves nothing beside it', () => {
    writeFileSync(page, 'what was there');
    expect(sandbox.run(['check', stale], '', { KVX_REPORT: page }).status).toBe(0);
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/);
    expect(readdirSync(sandbox.home).filter((name) => name.startsWith('r.html'))).toEqual([
      'r.html',
    ]);
  });

  it.each([
    ['-', '--report needs a file'],
    ['/no/such/folder/r.html', 'there is no such folder'],
    [import.meta.dirname, 'it is there, and no file'],
  ])('knows before it begins that %s can be no report', (file, why) => {
    const { status, stdout, stderr } = sandbox.run(['check', stale, '--report', file]);
    expect([status, stdout]).toEqual([64, '']);
    expect(stderr).toContain(why);
  });
});

it('kvx run: the script and what it printed, the trace and what led to the stale read', async () => {
  const script = 'put x 1\nfault partition n1/n2,n3\nput x 2 --node n2\nget x --node n1\n';
  const where = ['--runtime', 'sim', '--seed', '7', '--read', 'one', '--write', 'one', '-n', '3'];
  const { documents, report } = await reported(['run', ...where], script);
  expect(report.script?.text).toBe(script);
  expect(report.script?.output).toContain(JSON.stringify(documents.at(-1)));
  const lanes = await report.lanes();
  const labels = [...(report.slice ?? [])].map((event) => lanes?.labelOf(event));
  expect(labels).toEqual(expect.arrayContaining(['put x 1', 'put x 2', 'get x']));
  expect(labels.length).toBeLessThan(100);
  expect(report.check?.evidence?.anomaly).toBe('own write missed');
  expect(report.about).toMatchObject({ kind: 'run', seed: 7 });
});

it('kvx run: what its environment says is not for the programs that it starts', async () => {
  const where = ['run', '--runtime', 'sim', '--seed', '7', '-n', '3'];
  const { stderr } = sandbox.run(where, `check ${stale}\n`, { KVX_REPORT: page });
  expect(stderr.match(/^report: /gm)).toHaveLength(1);
  expect((await openPage(readFileSync(page, 'utf8'))).about.kind).toBe('run');
});

it('kvx bench: what was measured, its history judged, and the trace of a cluster that keeps one', async () => {
  sandbox.run(['cluster', 'up', '-n', '3', '--trace']);
  const { ran, documents, report } = await reported(['bench', 'register', '--ops', '300']);
  expect(ran.status).toBe(0);
  expect((await report.history())?.count).toBeGreaterThanOrEqual(300);
  expect(report.check?.models.map(({ verdict }) => verdict)).toContain('holds');
  const [measured] = report.tables;
  const done = measured?.rows.map(([operation, count]) => [operation, Number(count)]);
  expect(done).toEqual(
    documents[0].operations.map((each: { operation: string; doneCount: number }) => [
      each.operation,
      each.doneCount,
    ]),
  );
  expect(documents[0].check).toBeUndefined();
  const lanes = await report.lanes();
  expect(lanes?.names).toEqual(expect.arrayContaining(['clients', 'n1', 'n2', 'n3']));
  // Both clocks are one: nodes were asked when clients say that they asked.
  const first = (await report.history())?.invokedAt[0] ?? 0;
  const began = (report.historyBeginMs ?? 0) + first / 1e6 - (lanes?.beginMs ?? 0);
  expect(Math.abs(began)).toBeLessThan(2000);
  sandbox.run(['cluster', 'down', '--wipe']);
});

it('kvx sim: the first seed that failed, as it ran, and what all came to', async () => {
  const bug = ['--bug', 'quorum-no-overlap', '--no-shrink'];
  const { documents, report } = await reported(['sim', '-m', 'quorum', '--seeds', '4..6', ...bug]);
  const [{ failed, failures, seeds }] = documents[0].modes;
  expect(failed).toBeGreaterThan(0);
  expect(report.about).toMatchObject({ seed: failures[0].seed, replay: failures[0].replay });
  expect(report.hasHistory && report.hasLanes).toBe(true);
  expect(report.tables[0]?.rows[0]?.slice(0, 2)).toEqual(['quorum', `${seeds}`]);
  expect(report.notes.join()).toContain(failures[0].violations[0].check);
});

it('kvx compare: a table, and the verdict and history of each', async () => {
  const load = ['--ops', '200', '--seed', '7', '-n', '3'];
  const { documents, report } = await reported(['compare', 'quorum', 'paxos', ...load]);
  expect(report.runs.map(({ title, check }) => [title, check])).toEqual(
    documents[0].compared.map((each: { label: string; report: unknown }) => [
      each.label,
      each.report,
    ]),
  );
  const histories = await Promise.all(report.runs.map((run) => run.history()));
  expect(histories.map((each) => each?.count)).toEqual(
    report.runs.map(({ check }) => check?.operations),
  );
  expect(report.tables[0]?.columns).toEqual(['', 'quorum', 'paxos']);
});

it('of several runs there is no report', () => {
  const { status, stderr } = sandbox.run([
    ...['run', 'stale-read', '--seeds', '1..2', '--report', page],
  ]);
  expect([status, stderr]).toEqual([64, expect.stringContaining('--report is of one run')]);
  expect(existsSync(page)).toBe(true);
});
