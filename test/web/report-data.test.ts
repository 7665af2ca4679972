import { expect, it } from 'vitest';
import { reportPageOf } from '../../src/cli/report/report-file.js';
import { openPage } from './parts-of-page.js';
import { staleReport } from './report-fixture.js';

it('a page has in it what was reported', async () => {
  const report = await staleReport({ operations: 300 });
  const opened = await openPage(await reportPageOf(report));
  expect(await opened.history()).toEqual(report.history);
  expect(opened.check).toEqual(report.check);
  expect(opened.about).toEqual(report.about);
  expect((await opened.lanes())?.events.count).toBe(report.lanes?.events.count);
  expect(report.check?.evidence).not.toBeNull();
});
