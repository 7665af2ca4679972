/** What a node refuses at the door, in words. */
import type { Level } from '../../core/operation.js';
import { readLevels } from './options.js';

/** Writes go through the log, which is as much as any level asks. */
export function levelProblem(isRead: boolean, level: Level | null): string | null {
  if (level === null || readLevels.some((name) => name === level)) return null;
  const what = isRead ? 'read' : 'write';
  return `mode paxos has no ${what} level ${JSON.stringify(level)}; it has ${readLevels.join(', ')}`;
}
