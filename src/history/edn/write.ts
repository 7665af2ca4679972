/**
 * Histories in EDN, for Jepsen's, Knossos' and Elle's checkers: one map a line.
 *
 * Reads, writes and compare-and-sets have the names that those know (`:read`, `:write`, `:cas`); the others keep ours. The
 * key stands under `:key`. A text that is a whole number is written as one, as Jepsen's own values are.
 */
import type { History, Kind } from '../history.js';
import { type WrittenLine, type WrittenStep, writtenLines } from '../written.js';

const names: Readonly<Partial<Record<Kind, string>>> = { get: 'read', put: 'write' };

/** Each with its newline. */
export function* toEdn(history: History): Generator<string> {
  for (const line of writtenLines(history)) {
    const { process, type, f, key, value, time, actual, node, session, version } = line;
    const fields = [
      `:process ${process}`,
      `:type :${type}`,
      `:f :${names[f] ?? f}`,
      ...(key === undefined ? [] : [`:key ${ednOf(key)}`]),
      `:value ${ednValue(f, value)}`,
      `:time ${time}`,
      ...(actual === undefined ? [] : [`:actual ${ednOf(actual)}`]),
      ...(node === undefined ? [] : [`:node ${ednString(node)}`]),
      ...(session === undefined ? [] : [`:session ${ednString(session)}`]),
      ...(version === undefined
        ? []
        : [`:version {:stamp ${version.stamp}, :node ${ednString(version.node)}}`]),
    ];
    yield `{${fields.join(', ')}}\n`;
  }
}

function ednValue(f: Kind, value: WrittenLine['value']): string {
  if (value === null || typeof value === 'string') return ednOf(value);
  if (f !== 'txn') return `[${(value as readonly (string | null)[]).map(ednOf).join(' ')}]`;
  return `[${(value as readonly WrittenStep[]).map(stepOf).join(' ')}]`;
}

function stepOf({ f, key, value }: WrittenStep): string {
  const read = Array.isArray(value)
    ? `[${(value as readonly (string | null)[]).map(ednOf).join(' ')}]`
    : ednOf(value as string | null);
  return `[:${f} ${ednOf(key)} ${read}]`;
}

function ednOf(text: string | null): string {
  if (text === null) return 'nil';
  return /^(0|-?[1-9]\d{0,14})$/.test(text) ? text : ednString(text);
}

const escapes: Readonly<Record<string, string>> = {
  ...{ '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' },
};

function ednString(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line must stay one line.
  const escaped = text.replace(/["\\\u0000-\u001f\u0085\u2028\u2029]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return escapes[character] ?? `\\u${code}`;
  });
  return `"${escaped}"`;
}
