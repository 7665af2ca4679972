/**
 * What can go wrong for a user, and whether the operation surely did not happen.
 *
 * | code | when | definite |
 * |---|---|---|
 * | `bad-request` | the request itself is wrong: level, key or value size, unknown name | yes |
 * | `unavailable` | too few nodes to serve it; nothing was sent, or nothing that could take effect | yes |
 * | `overloaded` | a bound on waiting requests was reached before the request was looked at | yes |
 * | `conflict` | another transaction holds what this one needs; nothing was written, retrying may do | yes |
 * | `behind` | the node has not yet seen what the client's session has; another node may have | yes |
 * | `timeout` | not enough answers in time | no |
 * | `disconnected` | the connection was lost while the request was under way | no |
 * | `cluster` | the cluster or its state folder: not up, already up, broken, failed to start | yes |
 * | `config` | a config file or script, with line and column | yes |
 * | `interrupted` | the user stopped it | as said |
 * | `bug` | kvx is at fault | no |
 */
export const errorCodes = [
  'bad-request',
  'unavailable',
  'overloaded',
  'conflict',
  'behind',
  'timeout',
  'disconnected',
  'cluster',
  'config',
  'interrupted',
  'bug',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface ErrorDetails {
  readonly code: ErrorCode;
  /** True when the operation surely did not happen and never will. */
  readonly definite: boolean;
  /** What the user can do next, as one sentence. */
  readonly hint?: string | null | undefined;
}

/** An error that a user can meet. Its message is one line: what happened, in the user's words. */
export class KvxError extends Error {
  override readonly name = 'KvxError';
  readonly code: ErrorCode;
  readonly definite: boolean;
  readonly hint: string | undefined;

  constructor(message: string, details: ErrorDetails) {
    super(message);
    this.code = details.code;
    this.definite = details.definite;
    this.hint = details.hint ?? undefined;
  }
}

/** What surely did not happen, and what the user can do next. */
export const definiteError = (code: ErrorCode, message: string, hint?: string | null): KvxError =>
  new KvxError(message, { code, definite: true, hint });

/** What was asked for can't be meant (exit code 64). */
export const usageError = (message: string, hint?: string): KvxError =>
  definiteError('bad-request', message, hint);

/** The user stopped it; `definite`: before it could take effect. */
export const interrupted = (definite = true, hint?: string): KvxError =>
  new KvxError('interrupted', { code: 'interrupted', definite, hint });
