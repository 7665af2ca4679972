// Usage: summary.js REPORT TESTS_STATUS FAILED_STEPS. Prints `N passed, N failed` from Vitest's
// report, and fails if anything did, also where no test says so: a step before the tests, a file
// that does not load, a run that ended without a report.
import { readFileSync } from 'node:fs';

const [report = '', testsStatus, failedSteps] = process.argv.slice(2);

function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  }
}

const { numPassedTests, numFailedTests, testResults } = readReport();
const unloaded = testResults.filter(
  (/** @type {any} */ file) => file.status === 'failed' && file.assertionResults.length === 0,
).length;

let failed = numFailedTests + unloaded;
if (failed === 0 && testsStatus !== '0') failed = 1;
failed += Number(failedSteps);

console.log(`${numPassedTests} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
