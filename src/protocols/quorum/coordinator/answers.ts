/** The errors that a coordinator answers with, in the user's words. */
import type { NodeId } from '../../../core/ids.js';
import type { ClientResult } from '../../../core/operation.js';
import { timedOut, unavailable } from '../../../core/results.js';
import type { FailureDetector } from '../failure-detector.js';
import type { ReadPhase, WritePhase } from './pending.js';

/** `null` when `needed` of the owners are believed alive. Nothing has been sent. */
export function unavailableAnswer(
  owners: readonly NodeId[],
  needed: number,
  detector: FailureDetector,
): ClientResult | null {
  let alive = 0;
  for (const owner of owners) if (detector.isAlive(owner)) alive += 1;
  if (alive >= needed) return null;
  const away = owners.filter((owner) => !detector.isAlive(owner));
  const message = `the operation needs ${needed} of ${owners.join(', ')}; ${listed(away)} out of reach`;
  return unavailable(message);
}

export function writeTimeoutAnswer(phase: WritePhase): ClientResult {
  const { timeoutMs, writeNeeded } = phase.ask;
  const message = `${phase.acknowledgedCount} of ${writeNeeded} replicas needed acknowledged within ${Math.round(timeoutMs)} ms (${silentAmong(phase)})`;
  return timedOut(message);
}

export function readTimeoutAnswer(phase: ReadPhase): ClientResult {
  const { timeoutMs, readNeeded } = phase.ask;
  const heard = phase.current.length + phase.stale.length;
  const answered = `${heard} of ${readNeeded} replicas needed answered within ${Math.round(timeoutMs)} ms (${silentAmong(phase)})`;
  if (phase.purpose !== 'get') {
    const message = `${answered}; nothing was written`;
    return unavailable(message);
  }
  const message =
    phase.state === 'imposing'
      ? `the newest version reached ${phase.current.length} of ${readNeeded} replicas needed within ${Math.round(timeoutMs)} ms`
      : answered;
  return timedOut(message);
}

function silentAmong(phase: ReadPhase | WritePhase): string {
  return phase.waiting.length === 0
    ? 'nobody was silent'
    : `no answer from ${phase.waiting.join(', ')}`;
}

function listed(nodes: readonly NodeId[]): string {
  const last = nodes.at(-1) ?? 'nobody';
  if (nodes.length < 2) return `${last} is`;
  return `${nodes.slice(0, -1).join(', ')} and ${last} are`;
}
