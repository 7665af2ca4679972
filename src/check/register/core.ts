import type { RegisterAnomaly, RegisterOperations } from './operations.js';
export function coreOf(
  o: RegisterOperations,
  suspects: readonly number[],
  _f: unknown,
): { core: readonly number[]; anomaly: RegisterAnomaly } {
  return { core: suspects, anomaly: 'contradiction' };
}
