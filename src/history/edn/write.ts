/**
 * Histories in EDN, for Jepsen's, Knossos' and Elle's checkers: one map a line.
 *
 * Reads, writes and compare-and-sets have the names that those know (`:read`, `:write`, `:cas`); the others keep ours. The
 * key stands under `:key`. A text that is a whole number is written as one, as Jepsen's own values are.
 */
import type { History, Kind } from '../history.js';
import { type WrittenLine, writtenLines } from '../written.js';

const names: Readonly<Partial<Record<Kind, string>>> = { get: 'read', put: 'write' };

/** Each with its newline. */
export function* toEdn(history: History): Generator<string> {
  for (const line of writtenLines(history)) {
    if (line.process === 'nemesis') {
      yield mapOf({
        ...{ process: ':nemesis', type: ':info', f: `:${line.f}`, value: ednString(line.value) },
        ...{ time: line.time, fault: line.fault, by: ifSaid(line.by, ednString) },
      });
      continue;
    }
    const { process, type, f, key, value, time, actual, node, session, version } = line;
    const fields = {
      process,
      type: `:${type}`,
      f: `:${names[f] ?? f}`,
      key: ifSaid(key, ednOf),
      value: ednValue(value),
      time,
      actual: ifSaid(actual, ednOf),
      node: ifSaid(node, ednString),
      session: ifSaid(session, ednString),
      version: version && `{:stamp ${version.stamp}, :node ${ednString(version.node)}}`,
    };
    yield mapOf(fields);
  }
}

function mapOf(fields: Readonly<Record<string, unknown>>): string {
  const said = Object.entries(fields).filter(([, own]) => own !== undefined);
  return `{${said.map(([name, own]) => `:${name} ${own}`).join(', ')}}\n`;
}

const ifSaid = <T>(what: T | undefined, shown: (what: T) => string): string | undefined =>
  what === undefined ? undefined : shown(what);

/** A value, those of a cas or of a list, or the steps of a transaction. */
function ednValue(value: WrittenLine['value']): string {
  if (value === null || typeof value === 'string') return ednOf(value);
  const items = value.map((item) => {
    if (item === null || typeof item === 'string') return ednOf(item);
    const [f, key, own] = item;
    return `[:${f} ${ednOf(key)} ${ednValue(own)}]`;
  });
  return `[${items.join(' ')}]`;
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
