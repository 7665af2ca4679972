import { describe, expect, it } from 'vitest';
import { KvxError } from '../../core/errors.js';
import { codeOf, makeReporter, type ReporterName, type RunVerdict } from './run-report.js';

const right: RunVerdict = {
  ...{
    source: 'a.kvx',
    seed: null,
    heldCount: 2,
    failed: false,
    error: null,
    said: [],
    tookMs: 12,
  },
};
const failed: RunVerdict = {
  ...{ ...right, source: 'b & <c>.kvx', seed: 7, bug: 'a-bug', failed: true },
  said: ['failed: b.kvx:3: expect get a == 2', '  expected: "2"'],
};
const broken: RunVerdict = {
  ...right,
  error: new KvxError('no quorum', { code: 'unavailable', definite: true }),
};

function told(name: ReporterName | 'json', seeds = 1) {
  let out = '';
  const err: string[] = [];
  const reporter = makeReporter(
    name,
    { runs: 3, seeds },
    { out: (text) => (out += text), err: (line) => err.push(line) },
  );
  for (const verdict of [right, failed, broken]) reporter.end(verdict);
  reporter.close();
  return { out, err };
}

describe('a report of several runs', () => {
  it('as a list says how each ended, and how to see again what went wrong', () => {
    const { out, err } = told('list');
    expect(out).toBe('');
    expect(err).toEqual([
      'ok a.kvx: 2 expectations held, 0.012 s',
      ...failed.said,
      'not ok b & <c>.kvx --seed 7: 2 expectations held, 0.012 s',
      'no quorum',
      'It surely did not happen.',
      'Look at `kvx cluster status` and `kvx fault list`.',
      'not ok a.kvx: 2 expectations held, 0.012 s',
      '3 runs: 1 right, 2 not; 6 expectations held.',
      '  kvx run b & <c>.kvx --runtime sim --seed 7 --bug a-bug',
      '  kvx run a.kvx',
    ]);
    expect(told('list', 2).err).not.toContain('ok a.kvx: 2 expectations held, 0.012 s');
  });

  it('as dots has one a run', () => {
    const { out, err } = told('dot');
    expect(out).toBe('.FF\n');
    expect(err[0]).toBe('b & <c>.kvx --seed 7:');
    expect(err).toContain('3 runs: 1 right, 2 not; 6 expectations held.');
  });

  it('as TAP has a plan, a line a run, and what is wrong as YAML', () => {
    const { out, err } = told('tap');
    expect(err).toEqual([]);
    expect(out.split('\n').filter((line) => !line.startsWith(' '))).toEqual([
      'TAP version 14',
      '1..3',
      'ok 1 - a.kvx # time=12ms',
      'not ok 2 - b & <c>.kvx --seed 7 # time=12ms',
      'not ok 3 - a.kvx # time=12ms',
      '',
    ]);
    expect(out).toContain('  ---\n  message: |\n    failed: b.kvx:3: expect get a == 2\n');
  });

  it('as JUnit XML tells failures from errors', () => {
    const { out } = told('junit');
    expect(out).toContain('tests="3" failures="1" errors="1" time="0.036"');
    expect(out).toContain('name="b &amp; &lt;c&gt;.kvx --seed 7"');
    expect(out).toContain('<failure message="failed: b.kvx:3: expect get a == 2">');
    expect(out).toContain('<error message="no quorum">');
  });

  it('as JSON has a line a run', () => {
    const lines = told('json')
      .out.trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ ok, exitCode, seed }) => [ok, exitCode, seed])).toEqual([
      [true, 0, undefined],
      [false, 1, 7],
      [false, 3, undefined],
    ]);
  });

  it('has the exit code that each run alone would have', () => {
    expect([right, failed, broken].map(codeOf)).toEqual([0, 1, 3]);
  });
});
