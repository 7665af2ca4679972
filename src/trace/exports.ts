import type { TraceExport } from './export.js';
import { PerfettoExport } from './perfetto.js';
import { ShivizExport } from './shiviz.js';

/** kvx's own, in causal order. */
const jsonLines: TraceExport = {
  begin: () => '',
  // As it was read: its byte strings have become what they are in JSON.
  event: ({ event }) => `${JSON.stringify(event)}\n`,
  end: () => '',
};

export const exportNames = ['shiviz', 'perfetto', 'jsonl'] as const;
export type ExportName = (typeof exportNames)[number];

export function exportAs(name: ExportName): TraceExport {
  if (name === 'jsonl') return jsonLines;
  return name === 'shiviz' ? new ShivizExport() : new PerfettoExport();
}
