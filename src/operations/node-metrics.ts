import { exposition, together } from '../runtime/metrics/exposition.js';
import { nodesArgument, switchFlag, timeoutFlag } from './flags.js';
import { operation, timeoutOf } from './operation.js';

export const nodeMetrics = operation({
  name: 'node metrics',
  summary: 'Print what nodes have counted and measured, as Prometheus reads it.',
  description:
    'Asked at their own sockets, so it works without `kvx cluster up --metrics`, which lets Prometheus scrape them. What each is: docs/metrics.md.',
  examples: ['node metrics n1', 'node metrics n1 n2 --openmetrics', 'node metrics n1 --json'],
  arguments: [nodesArgument],
  flags: [
    switchFlag('openmetrics', 'as OpenMetrics 1.0, not in the format of Prometheus 0.0.4'),
    timeoutFlag('5s'),
  ],
  changes: false,
  capabilities: ['be scraped'],
  run: async (call) => {
    const { target, spec } = call.context;
    const wanted = call.given.texts('NODE');
    const asked = wanted.map(async (node) => target.metricsOf?.(node, timeoutOf(call)) ?? []);
    return { cluster: spec.name, families: together(await Promise.all(asked)) };
  },
  json: ({ cluster, families }) => ({
    cluster,
    metrics: families.map(({ name, type, help, samples }) => ({
      ...{ name, type, help },
      samples: samples.map(({ suffix, labels, value }) => ({
        ...{ name: `${name}${suffix}`, labels: Object.fromEntries(labels), value },
      })),
    })),
  }),
  page: ({ families }, { given }) => {
    const format = given.has('openmetrics') ? 'openmetrics' : 'prometheus';
    return [{ type: 'bytes', bytes: exposition(families, format) }];
  },
});
