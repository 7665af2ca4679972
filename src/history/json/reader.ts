/**
 * JSON lines: one object a line, in the order of time. Also all objects in one array, or each over several lines; and
 * Jepsen's operations as JSON, which {@link JepsenReader} reads: the first operation of a client tells.
 */
import { HistoryBuilder } from '../builder.js';
import { type Edn, ednProblem } from '../edn/edn.js';
import { endOfForm } from '../edn/scan.js';
import { newEvent } from '../event.js';
import { type JepsenField, type JepsenOperation, JepsenReader } from '../jepsen/jepsen.js';
import { FieldProblem, LineProblem } from '../problem.js';
import { FormSplitter } from '../text/form-splitter.js';
import type { LineReader } from '../text/line-reader.js';
import { isBlankLine, lineText } from '../text/lines.js';
import { kindWords } from '../words.js';
import { type JsonFields, jsonObjectOf, readJsonEvent } from './event.js';
import { JsonScanner } from './scan.js';
import { textOf } from './text.js';

export function jsonReader(): LineReader {
  const builder = new HistoryBuilder();
  const event = newEvent();
  const scanner = new JsonScanner(builder, event);
  const objects = new ObjectReader(builder);
  let forms: FormSplitter | null = null;
  return {
    take(bytes, start, end, line) {
      if (forms !== null) forms.push(lineText(bytes, start, end), line);
      else if (objects.style !== 'jepsen' && scanner.scan(bytes, start, end)) {
        objects.style = 'kvx';
        builder.take(event, line);
      } else if (!isBlankLine(bytes, start, end)) {
        const text = lineText(bytes, start, end);
        if (objects.style === null && /^\s*(\[|\{\s*$)/.test(text)) {
          forms = new FormSplitter((...form) => objects.takeForm(...form), skipJson);
          forms.push(text, line);
        } else objects.take(text, line);
      }
    },
    finish() {
      forms?.end();
      return builder.finish();
    },
  };
}

class ObjectReader {
  /** Whose words they are; `null` until a client has said something. */
  style: 'kvx' | 'jepsen' | null = null;
  readonly #builder: HistoryBuilder;
  readonly #event = newEvent();
  readonly #jepsen: JepsenReader;

  constructor(builder: HistoryBuilder) {
    this.#builder = builder;
    this.#jepsen = new JepsenReader(builder, textOf);
  }

  take(text: string, line: number): void {
    const fields = jsonObjectOf(text);
    const { process } = fields;
    if (process === 'nemesis' || process === ':nemesis') {
      this.#builder.takeFault(fields, line);
      return;
    }
    this.style ??= isJepsens(fields) ? 'jepsen' : 'kvx';
    if (this.style === 'jepsen') this.#takeJepsens(fields, text, line);
    else {
      readJsonEvent(fields, this.#builder, this.#event);
      this.#builder.take(this.#event, line);
    }
  }

  /** One of those in an array, or over several lines. */
  takeForm(text: string, at: number, line: number): number {
    const end = endOfForm(text, at);
    if (end < 0) return end;
    try {
      this.take(text.slice(at, Math.max(end, at + 1)), line);
    } catch (error) {
      if (!(error instanceof LineProblem) || error.column === undefined) throw error;
      throw ednProblem(text, at + error.column - 1, error.message);
    }
    return end;
  }

  #takeJepsens(fields: JsonFields, text: string, line: number): void {
    const operation: JepsenOperation = {
      get: (field) => (Object.hasOwn(fields, field) ? (fields[field] as Edn) : undefined),
    };
    try {
      this.#jepsen.take(operation, line);
    } catch (error) {
      if (!(error instanceof LineProblem)) throw error;
      const field = error instanceof FieldProblem ? (error.field as JepsenField) : null;
      const column = field === null ? -1 : text.indexOf(`"${field}"`);
      const message = error.message.replace(/(^|\s):([\w-]+)/g, '$1"$2"');
      throw new LineProblem(message, column < 0 ? undefined : column + 1);
    }
  }
}

function skipJson(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n,'.includes(text.charAt(at))) at++;
  return at;
}

const ours: readonly unknown[] = ['get', 'put', 'delete', 'insert', 'update'];

/** By what an operation is called, and by what ours would have to say besides. */
function isJepsens({ f, type, key, time, process, value }: JsonFields): boolean {
  if (ours.includes(f)) return false;
  if (f === undefined) return Array.isArray(value);
  if (typeof f !== 'string') return false;
  if (f === 'read' || f === 'write' || f.startsWith(':')) return true;
  if (!Object.hasOwn(kindWords, f)) return false;
  const hasKey = f === 'txn' || (key !== undefined && key !== null);
  const isSilent = time === undefined || time === null || process === undefined;
  return !hasKey || isSilent || (typeof type === 'string' && type.startsWith(':'));
}
