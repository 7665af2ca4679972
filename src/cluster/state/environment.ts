import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** What of a process's environment matters here; `process.env` fits. */
export interface Environment {
  readonly KVX_HOME?: string | undefined;
  readonly KVX_CLUSTER?: string | undefined;
  readonly XDG_STATE_HOME?: string | undefined;
  readonly XDG_RUNTIME_DIR?: string | undefined;
}

/** Where clusters keep their state; see `state.ts`. */
export function stateHome(env: Environment = process.env): string {
  if (env.KVX_HOME) return resolve(env.KVX_HOME);
  if (env.XDG_STATE_HOME) return resolve(env.XDG_STATE_HOME, 'kvx');
  return join(homedir(), '.local', 'state', 'kvx');
}
