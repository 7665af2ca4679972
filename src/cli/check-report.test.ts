import { expect, it, vi } from 'vitest';
import { check, readHistory } from '../check/index.js';
import { printCheck } from './check-history.js';

it.each([80, 60])(
  'what check prints is wrapped at the width of the output: %d',
  async (columns) => {
    const report = await check(await readHistory('test/corpus/three-versions-old.jsonl'));
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
    expect(out.split('\n').filter((line) => line.length > columns)).toEqual([]);
  },
);
