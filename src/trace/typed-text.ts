/** Plain data for people, on one line, with no more signs than it takes. */
import { keyFromBytes } from '../core/key.js';

/** A message, a record, an operation or a result: `promise(ballot 3.n2, accepted [])`. */
export function typedText(data: { readonly type: string }): string {
  const { type, ...fields } = data;
  const shown = fieldsText(onlyOne(fields) ?? fields);
  return shown === '' ? type : `${type}(${shown})`;
}

/** Messages carry lists of what often is one thing. */
function onlyOne(fields: object): object | null {
  const [list, ...others] = Object.values(fields);
  if (others.length > 0 || !Array.isArray(list) || list.length !== 1) return null;
  const [item] = list;
  const isPlain = typeof item === 'object' && item !== null && !Array.isArray(item);
  return isPlain && !('type' in item) ? item : null;
}

function plainText(data: unknown): string {
  if (typeof data === 'string') return /^[\w.:>/@-]+$/.test(data) ? data : JSON.stringify(data);
  if (data instanceof Uint8Array) return JSON.stringify(keyFromBytes(data));
  if (Array.isArray(data)) return `[${data.map(plainText).join(', ')}]`;
  if (typeof data !== 'object' || data === null) return String(data);
  const number = numberOfNode(data);
  if (number !== null) return number;
  const { type } = data as { readonly type?: unknown };
  return typeof type === 'string' ? typedText({ ...data, type }) : `{${fieldsText(data)}}`;
}

/** Any number that a node has made its own: of a ballot `3.n2`, of a version `3@n2`. */
function numberOfNode(data: object): string | null {
  const { node, ...rest } = data as { readonly node?: unknown };
  const [[name, number] = [], ...more] = Object.entries(rest);
  if (typeof node !== 'string' || typeof number !== 'number' || more.length > 0) return null;
  return `${number}${name === 'round' ? '.' : '@'}${node}`;
}

function fieldsText(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name} ${plainText(value)}`)
    .join(', ');
}
