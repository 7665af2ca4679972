import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { quoted } from '../../core/show.js';
import { reportOf } from '../../report/testing/reports.js';
import { ReportFile } from './report-file.js';

const folder = mkdtempSync(join(tmpdir(), 'kvx-report-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('leaves what is there as it is until the whole page is written', async () => {
  const path = join(folder, 'r.html');
  writeFileSync(path, 'what was there');
  const file = ReportFile.open(path);
  expect(readFileSync(path, 'utf8')).toBe('what was there');
  await file?.write(reportOf({}));
  expect(readFileSync(path, 'utf8')).toContain('</html>');
});

it('writes where a link leads, and the link stays', async () => {
  const [path, link] = [join(folder, 'real.html'), join(folder, 'link.html')];
  writeFileSync(path, '');
  symlinkSync(path, link);
  await ReportFile.open(link)?.write(reportOf({}));
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(path, 'utf8')).toContain('</html>');
});

it('says so when its folder has gone meanwhile', async () => {
  const gone = join(folder, 'gone');
  mkdirSync(gone);
  const file = ReportFile.open(join(gone, 'r.html'));
  rmSync(gone, { recursive: true });
  await expect(file?.write(reportOf({}))).rejects.toThrow(
    /r\.html can't be written: there is no such folder/,
  );
});

it.each([
  ['r.html', 'r.html'],
  ['quorum --read one', "'quorum --read one'"],
  ['p99<50ms', "'p99<50ms'"],
  ["it's", "'it'\\''s'"],
  ['', "''"],
])('a shell takes %j for one word', (word, written) => {
  expect(quoted(word)).toBe(written);
});
