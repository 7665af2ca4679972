/**
 * What a mode does not take, told from the catalogue, in the same words to whoever asks: to commands and scripts before they
 * send anything, and to clients by the node, before its replica sees the request.
 */
import { unreachable } from '../core/invariant.js';
import type { ClientRequest, Level, LevelName, Operation } from '../core/operation.js';
import { sizeProblem } from '../core/operation-bytes.js';
import { show } from '../core/show.js';
import { didYouMean } from '../core/suggest.js';
import { type Feature, type ModeProfile, modesWith } from './catalog.js';

/** `null` when the mode has it. */
export function featureProblem(profile: ModeProfile, feature: Feature): string | null {
  if (profile.features.includes(feature)) return null;
  const able = modesWith(feature);
  const modes = able.length === 1 ? 'mode' : 'modes';
  return `mode ${profile.name} has no ${feature}; ${modes} ${listed(able)} ${able.length === 1 ? 'has' : 'have'}`;
}

/** `replicas`: of each key, where that is known; no level may ask for more. */
export function levelProblem(
  { name, levels, numberLevels }: ModeProfile,
  level: Level,
  replicas: number | null,
): string | null {
  const most = replicas ?? Number.POSITIVE_INFINITY;
  const isNamed = levels.includes(level as LevelName);
  if (isNamed && (level !== 'two' || most >= 2)) return null;
  if (isNamed) {
    return `level ${show(level)} asks for more replicas than the ${most} that a key has`;
  }
  if (numberLevels && typeof level === 'number') {
    if (Number.isInteger(level) && level >= 1 && level <= most) return null;
  }
  const numbers = numberLevels ? ` and the numbers 1 to ${replicas ?? 'that of the replicas'}` : '';
  const meant = didYouMean(String(level), levels);
  const has = `it has ${levels.join(', ')}${numbers}`;
  return `mode ${name} has no level ${show(level)}; ${has}${meant}`;
}

/** `null` when the mode takes such a request, whatever becomes of it then. */
export function requestProblem(
  profile: ModeProfile,
  { operation, level }: Pick<ClientRequest, 'operation' | 'level'>,
  replicas: number | null,
): string | null {
  const feature = featureOf(operation);
  const lacking = feature === null ? null : featureProblem(profile, feature);
  if (lacking !== null) return lacking;
  if (level !== null) {
    const problem = levelProblem(profile, level, replicas);
    if (problem !== null) return problem;
  }
  return sizeProblem(operation);
}

function featureOf(operation: Operation): Feature | null {
  switch (operation.type) {
    case 'txn':
      return 'transactions';
    case 'reconfigure':
      return 'changes of membership';
    case 'stabilize':
      return 'stabilize';
    case 'get':
    case 'put':
    case 'delete':
    case 'insert':
    case 'update':
    case 'cas':
      return null;
    default:
      return unreachable(operation, 'operation');
  }
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
