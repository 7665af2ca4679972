/**
 * The table in docs/metrics.md is the code's, and so are the names in its queries and in the dashboard. `KVX_REWRITE=1` writes
 * the table anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MetricRow } from '../src/cluster/host/metrics/metric-row.js';
import { nodeRows } from '../src/cluster/host/metrics/node-metrics.js';
import { runtimeRows } from '../src/cluster/host/metrics/process-metrics.js';

const docs = join(import.meta.dirname, '../docs');
const page = join(docs, 'metrics.md');
const written = readFileSync(page, 'utf8');
const rows: readonly MetricRow<never>[] = [...nodeRows, ...runtimeRows];

function table(): string {
  const lines = rows.map(({ name, type, labels = [], help }) => {
    const shown = labels.map((label) => `\`${label}\``).join(' ');
    return `| \`${name}\` | ${type} | ${shown} | ${help} |`;
  });
  return ['| metric | type | labels | |', '|---|---|---|---|', ...lines].join('\n');
}

test('the table is what nodes tell', () => {
  const now = written.replace(
    /(<!-- table: .* -->\n)[\s\S]*?(<!-- end of table -->)/,
    (_, begin, end) => `${begin}\n${table()}\n\n${end}`,
  );
  if (process.env['KVX_REWRITE'] === '1') writeFileSync(page, now);
  else expect(now).toBe(written);
});

test('queries of the page and of the dashboard ask for metrics and labels that there are', () => {
  const dashboard = JSON.parse(readFileSync(join(docs, 'metrics/grafana.json'), 'utf8'));
  const panels = dashboard.panels as { readonly targets: { readonly expr: string }[] }[];
  const asked = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  expect(asked.length).toBeGreaterThan(8);
  const [, questions = ''] = /## What to ask\n([\s\S]*?)\n## /.exec(written) ?? [];
  for (const query of [...asked, ...questions.split('\n')]) {
    for (const [metric] of query.matchAll(/\b(kvx|process|nodejs)_\w+/g)) {
      const row = rows.find(({ name, type }) =>
        type === 'histogram'
          ? ['bucket', 'sum', 'count'].some((part) => metric === `${name}_${part}`)
          : metric === name,
      );
      expect(row, metric).toBeDefined();
    }
    const labels = [...rows.flatMap((row) => row.labels ?? []), 'cluster', 'node', 'le'];
    for (const [, by = ''] of query.matchAll(/by \(([^)]*)\)/g)) {
      for (const label of by.split(/, */)) expect(labels).toContain(label);
    }
  }
});
