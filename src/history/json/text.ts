/** Keys and values in JSON, as texts. */
import { LineProblem } from '../problem.js';

/** Deeper nesting is no value that anybody wrote. */
const depthMax = 64;

/**
 * The text of a value: a string is its own, anything else is its JSON. So `1` and `"1"` are one value, and bytes that are
 * not UTF-8 have the form that `kvx` shows them in elsewhere, `{"base64":"/w=="}`. Absence has no text.
 */
export function textOf(value: unknown): string | null {
  if (value === null || typeof value === 'string') return value;
  checkExact(value, 0);
  return JSON.stringify(value);
}

/** Numbers that JSON.parse has rounded would make two values one. */
function checkExact(value: unknown, depth: number): void {
  if (depth > depthMax) throw new LineProblem(`a value is nested more than ${depthMax} deep`);
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
      throw new LineProblem('a number is too large to be exact; write it as a string');
    }
  } else if (Array.isArray(value)) {
    for (const item of value) checkExact(item, depth + 1);
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) checkExact(item, depth + 1);
  }
}
