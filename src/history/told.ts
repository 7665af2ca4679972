/** What somebody says who is no client, in plain words. */
import { EdnSymbol, Keyword } from './edn/edn.js';

const lettersMax = 200;
const depthMax = 8;

/** Of EDN or JSON, whatever it is: `isolated n1: n2 n3, n2: n1`. Of nothing, nothing; and no more than some words. */
export const told = (value: unknown): string =>
  shortened(value, 0)
    .trim()
    .replace(/\p{Surrogate}/gu, '·');

function shortened(value: unknown, depth: number): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Keyword || value instanceof EdnSymbol) return shortened(value.name, depth);
  if (typeof value !== 'object') return String(value).slice(0, lettersMax);
  if (depth > depthMax) return '…';
  const isList = Array.isArray(value) || value instanceof Set;
  let text = '';
  for (const item of isList ? value : pairsOf(value)) {
    text += (text === '' ? '' : isList ? ' ' : ', ') + shortened(item, depth + 1);
    if (text.length > lettersMax) break;
  }
  return text.slice(0, lettersMax);
}

const pairsOf = (value: object): readonly (readonly unknown[])[] =>
  [...(value instanceof Map ? value : Object.entries(value))].map(([name, item]) => [
    `${shortened(name, depthMax)}:`.replace(/^:/, ''),
    item,
  ]);
