/** The exact figures of a bench as tables of any width, for pages. What it was like around faults, they tell from the history. */
import { formatDuration } from '../config/duration.js';
import { allLatencies, operationColumns, operationRow } from './report.js';
import type { BenchReport } from './run.js';

interface FigureTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const titlesOf = (columns: readonly { readonly title: string }[]): string[] =>
  columns.map(({ title }) => title.toLowerCase());

export function benchTables({ operations, errors, elapsedMs }: BenchReport): FigureTable[] {
  const tables = [
    {
      title: `What was measured in ${formatDuration(elapsedMs)}`,
      columns: titlesOf(operationColumns(allLatencies)),
      rows: operations.map((figures) => operationRow(figures, allLatencies, elapsedMs)),
    },
    {
      title: 'Errors',
      columns: ['operation', 'error', 'happened?', 'count', 'the first'],
      rows: errors.map(({ operation, code, definite, count, example }) => [
        ...[operation, code, definite || operation === 'get' ? 'surely not' : 'perhaps'],
        ...[String(count), example],
      ]),
    },
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}
