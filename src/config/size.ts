import { usageError } from '../core/errors.js';
import { show } from '../core/show.js';

const unitBytes: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** `512`, `64kB`, `1.5GB` in bytes; throws a definite `bad-request` for what is no size, or none at all. */
export function toBytes(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)B?$/i.exec(text.trim());
  const bytes = Number(match?.[1]) * (unitBytes[(match?.[2] ?? '').toUpperCase()] ?? Number.NaN);
  if (bytes > 0) return bytes;
  throw usageError(`${flag} must be a size such as 64kB or 2GB, not ${show(text)}`);
}
