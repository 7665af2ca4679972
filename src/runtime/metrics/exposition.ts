/**
 * Metrics as text: in the format of Prometheus 0.0.4, which all scrapers read, and as OpenMetrics 1.0, which Prometheus
 * asks for first (https://prometheus.io/docs/instrumenting/exposition_formats/, https://openmetrics.io).
 */
import type { MetricFamily, MetricSample } from './family.js';

export type ExpositionFormat = 'prometheus' | 'openmetrics';

export const contentTypes: Readonly<Record<ExpositionFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** What a scraper that sends this `accept` header is to get. */
export const formatFor = (accept: string | undefined): ExpositionFormat =>
  accept?.includes('application/openmetrics-text') ? 'openmetrics' : 'prometheus';

export function exposition(families: readonly MetricFamily[], format: ExpositionFormat): string {
  const lines: string[] = [];
  for (const { name, type, help, samples } of families) {
    if (samples.length === 0) continue;
    // OpenMetrics calls the family of a counter what is before `_total`.
    const isCounter = format === 'openmetrics' && type === 'counter';
    const family = isCounter ? name.replace(/_total$/, '') : name;
    lines.push(`# HELP ${family} ${escaped(help, format === 'openmetrics')}`);
    lines.push(`# TYPE ${family} ${type}`);
    for (const sample of samples) lines.push(sampleLine(name, sample));
  }
  if (format === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

function sampleLine(name: string, { suffix, labels, value }: MetricSample): string {
  const pairs = labels.map(([label, text]) => `${label}="${escaped(text, true)}"`);
  const shown = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
  return `${name}${suffix}${shown} ${value}`;
}

function escaped(text: string, isQuoted: boolean): string {
  const oneLine = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return isQuoted ? oneLine.replaceAll('"', '\\"') : oneLine;
}

/** Of several nodes what one page holds: each family once, with the samples of all. */
export function together(nodes: readonly (readonly MetricFamily[])[]): MetricFamily[] {
  const families = new Map<string, MetricFamily>();
  for (const family of nodes.flat()) {
    const known = families.get(family.name);
    const samples = [...(known?.samples ?? []), ...family.samples];
    families.set(family.name, { ...family, samples });
  }
  return [...families.values()];
}
