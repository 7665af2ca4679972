import { usageError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { durationMsMax } from '../core/limits.js';
import { show } from '../core/show.js';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * `250ms`, `1.5s`, `2m`, `1h` in milliseconds; `null` for anything else, a number without a unit too, and for more than
 * {@link durationMsMax}.
 */
export function parseDuration(text: string): Millis | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
  if (match === null) return null;
  const ms = Number(match[1]) * (unitMs[match[2] as string] as number);
  return ms <= durationMsMax ? ms : null;
}

/** `0.4 ms`, `12 ms`, `1.5 s`, `3 min 20 s`, `2 h 5 min`: as precise as a person cares to know. */
export function formatDuration(ms: Millis): string {
  // Rounded before units are chosen: 999.7 ms is 1 s, not 1000 ms.
  if (ms < 9.95) return `${trimmed(ms, 1)} ms`;
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${trimmed(seconds, 1)} s`;
  const wholeSeconds = Math.round(seconds);
  const minutes = Math.floor(wholeSeconds / 60);
  if (minutes < 60) return `${minutes} min ${wholeSeconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

/** What a flag or an argument says; throws a definite `bad-request` for what is no time, or none at all. */
export function toDuration(text: string, flag: string): Millis {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0) return ms;
  const wanted = 'a time such as 500ms, 5s or 2m, at most 24 days';
  throw usageError(`${flag} must be ${wanted}, not ${show(text)}`);
}

/** `100`, `64kB`, `64KiB`, `1.5GB` in bytes; `null` for anything else. */
export function parseBytes(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?) ?(?:([kmgt])(i?))?b?$/i.exec(text.trim());
  if (match === null) return null;
  const [, number, letter = '', isBinary] = match;
  const power = ' kmgt'.indexOf(letter.toLowerCase() || ' ');
  const bytes = Number(number) * (isBinary ? 1024 : 1000) ** power;
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** `0.3` or `30%` as a number; `null` for anything else. Whether it is in bounds is for others to say. */
export function parseRate(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(text.trim());
  if (match === null) return null;
  const number = Number(match[1]);
  // Not `number * 0.01`, which makes 0.07 of 7% only nearly.
  return match[2] === '%' ? number / 100 : number;
}
