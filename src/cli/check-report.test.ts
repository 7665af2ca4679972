import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { check, readHistory } from '../check/index.js';
import { printCheck } from './check-history.js';

const faults = ['delay n1>n3 uniform 10ms..20ms', 'partition n1,n2/n3,n4/n5 and one more word'].map(
  (words, fault) =>
    JSON.stringify({ process: 'nemesis', type: 'info', f: 'start', value: words, time: 0, fault }),
);

it.each([80, 60])(
  'what check prints is wrapped at the width of the output: %d',
  async (columns) => {
    const lines = readFileSync('test/corpus/three-versions-old.jsonl');
    const report = await check(await readHistory([Buffer.from(`${faults.join('\n')}\n`), lines]));
    let out = '';
    vi.stubEnv('COLUMNS', String(columns));
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((data) => {
      out += data;
      return true;
    });
    try {
      printCheck(report, { file: 'h', json: false, asked: null });
    } finally {
      write.mockRestore();
      vi.unstubAllEnvs();
    }
    expect(out).toContain('Evidence against');
    expect(out).toContain('How stale');
    expect(out).toContain('Meanwhile: delay n1>n3');
    expect(out).toMatch(/faults .*░/);
    expect(out.split('\n').filter((line) => line.length > columns)).toEqual([]);
  },
);
