import { Chalk, type ChalkInstance } from 'chalk';

/**
 * Colours for one stream: none unless it is a terminal, none with `NO_COLOR` (no-color.org) or a dumb terminal.
 * `FORCE_COLOR` wants them anywhere.
 */
export function styleFor(stream: { readonly isTTY?: boolean }): ChalkInstance {
  return new Chalk({ level: wantsColour(stream, process.env) ? 1 : 0 });
}

export function wantsColour(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] && env['FORCE_COLOR'] !== '0') return true;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
