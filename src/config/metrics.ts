/** What is said of scraping nodes: `metrics`, a port or whether. */
import { show } from '../core/show.js';
import type { Problem, Setting } from './problem.js';
import { portMax, respBare } from './resp.js';

/** Where exporters of Node.js are looked for. */
export const metricsPortDefault = 9464;

/** Of several settings the last counts; one that names no port leaves it as it was. */
export function metricsBy(
  settings: readonly Setting[],
  nodeCount: number,
  report: (problem: Problem) => void,
): number | null {
  let port: number | null = null;
  for (const { name, value, placeOf } of settings) {
    if (name !== 'metrics') continue;
    if (value === 'off' || value === false || value === null) port = null;
    else if (value === respBare || value === true) port ??= metricsPortDefault;
    else {
      port = Number(value);
      const problem = problemWith(value, nodeCount);
      if (problem !== null) report({ ...placeOf(), message: problem });
    }
  }
  return port;
}

function problemWith(value: unknown, nodeCount: number): string | null {
  if (typeof value === 'object' || !/^\d{1,6}$/.test(String(value))) {
    return `metrics must be a port such as ${metricsPortDefault}, or on or off, not ${show(value)}`;
  }
  const first = Number(value);
  const last = first + nodeCount - 1;
  if (first >= 1 && last <= portMax) return null;
  const ports = nodeCount === 1 ? `${first}` : `${first} to ${last}, one a node`;
  return `metrics takes ports from 1 to ${portMax}, not ${ports}`;
}
