/** Where a mode of one's own gets its code: the one place that loads a module of somebody else's. */
import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KvxError, usageError } from '../core/errors.js';
import { findModesBy, isModuleName } from '../protocols/catalog.js';
import { type AddedMode, makeMode } from '../protocols/own/own-mode.js';

/**
 * From now on a mode may be named by a module: a path, absolute or relative to the working folder, a `file:` address, or a
 * package that is found from there. It is loaded when it is first asked for, once a thread: a node that starts anew runs
 * what the file holds then.
 */
export function useOwnModes(): void {
  findModesBy((named) => {
    const path = locate(named);
    if (path === null) return null;
    const mode = loaded.get(path) ?? load(path);
    loaded.set(path, mode);
    return mode;
  });
}

const loaded = new Map<string, AddedMode>();

/** Where the module is; `null`: it is no path, and no package of this name is here. Throws when it is a path that leads nowhere. */
function locate(named: string): string | null {
  const word = named.startsWith('file:') ? fileURLToPath(named) : named;
  const require = createRequire(join(process.cwd(), 'kvx'));
  const isPath = /^\.{0,2}\//.test(word);
  for (const asked of isModuleName(word) && !isPath ? [`./${word}`, word] : [word]) {
    try {
      const path = require.resolve(asked);
      // A module of Node's own has no path.
      if (isAbsolute(path)) return path;
    } catch {}
  }
  if (isPath || isModuleName(word)) throw usageError(`mode ${named}: there is no such module`);
  return null;
}

/** Not by `import()`: who asks for a mode can't wait, and a mode has nothing to wait for. */
function load(path: string): AddedMode {
  try {
    return quietly(() => makeMode(path, createRequire(path)(path).default));
  } catch (error) {
    if (error instanceof KvxError) throw error;
    throw usageError(`mode ${path} can't be loaded: ${whatWasWrong(error)}`);
  }
}

/** That a file without a package is a module is no reason to warn. */
function quietly<T>(run: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    const isIdle = JSON.stringify(rest).includes('MODULE_TYPELESS_PACKAGE_JSON');
    if (!isIdle) Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return run();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** In one line, with the place in its file where that is known. */
function whatWasWrong(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_REQUIRE_ASYNC_MODULE') return 'it awaits something at its top level';
  const [message = ''] = error.message.split('\n');
  const place = /(?:file:\/\/|\()?(\/[^\s()]+:\d+)(?::\d+)?/.exec(error.stack ?? '')?.[1];
  return `${error.name}: ${message}${place === undefined ? '' : ` (${place})`}`;
}
