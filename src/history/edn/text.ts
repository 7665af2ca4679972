/** Keys and values in EDN, as texts. */
import { type Edn, EdnSymbol, Keyword } from './edn.js';

/**
 * As in JSON: a string is its own text, and anything else its JSON; a keyword is its name with its colon. What is equal in
 * Clojure has one text: sets are lists and maps are objects whose items have an order of their own.
 */
export function textOfEdn(value: Edn): string | null {
  if (value === null || typeof value === 'string') return value;
  if (value instanceof Keyword) return `:${value.name}`;
  return jsonOf(value);
}

function jsonOf(value: Edn): string {
  if (value instanceof Keyword) return JSON.stringify(`:${value.name}`);
  if (value instanceof EdnSymbol) return value.name;
  if (value instanceof Map) {
    const pairs = [...value].map(
      ([key, item]) => `${JSON.stringify(textOfEdn(key))}:${jsonOf(item)}`,
    );
    return `{${pairs.sort().join()}}`;
  }
  if (value instanceof Set) return `[${[...value].map(jsonOf).sort().join()}]`;
  if (Array.isArray(value)) return `[${value.map(jsonOf).join()}]`;
  return JSON.stringify(value);
}
