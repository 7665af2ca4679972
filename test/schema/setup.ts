import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder in which all files of a run keep what their documents meet of the schemas. Who names one in `KVX_TEST_DOCUMENTS`
 * keeps it from run to run, and need not run all at once.
 */
export default function setup(): () => void {
  const named = process.env['KVX_TEST_DOCUMENTS'];
  if (named !== undefined) {
    mkdirSync(named, { recursive: true });
    return () => {};
  }
  const folder = mkdtempSync(join(tmpdir(), 'kvx-documents-'));
  process.env['KVX_TEST_DOCUMENTS'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
