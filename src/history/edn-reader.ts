import { HistoryBuilder } from './builder.js';
import { type Edn, EdnProblem, EdnReader } from './edn.js';
import { type JepsenOperation, JepsenReader } from './jepsen.js';
import type { LineReader } from './line-reader.js';
import { lineBytesMax, lineText } from './lines.js';
import { LineProblem } from './problem.js';

/** EDN: one map an operation, one after the other or all in one vector; see {@link JepsenReader}. */
export function ednReader(): LineReader {
  const builder = new HistoryBuilder();
  const operations = new JepsenReader(builder);
  const forms = new FormSplitter((form, line) => operations.take(toOperation(form), line));
  return {
    take: (bytes, start, end, line) => forms.push(lineText(bytes, start, end), line),
    finish() {
      forms.end();
      return builder.finish();
    },
  };
}

function toOperation(form: Edn): JepsenOperation {
  if (!(form instanceof Map)) throw new LineProblem('each operation is a map, {:process 0, …}');
  const field = (name: string): Edn | undefined => form.get(`:${name}`);
  const required = (name: string): Edn => {
    const value = field(name);
    if (value === undefined) throw new LineProblem(`:${name} is missing`);
    return value;
  };
  const version = field('version');
  return {
    process: required('process'),
    type: required('type'),
    f: required('f'),
    value: field('value') ?? null,
    key: field('key') ?? undefined,
    time: field('time') ?? undefined,
    node: field('node'),
    session: field('session'),
    // Here nil says something: that nothing was there.
    actual: field('actual'),
    version: version instanceof Map ? versionFields(version) : undefined,
  };
}

const versionFields = (version: ReadonlyMap<Edn, Edn>) => ({
  stamp: version.get(':stamp') ?? null,
  node: version.get(':node') ?? null,
});

/** Gathers lines until the forms that began in them have ended. */
class FormSplitter {
  readonly #visit: (form: Edn, line: number) => void;
  #text = '';
  /** Where {@link #text} begins. */
  #line = 1;
  #depth = 0;
  #inString = false;
  /** All forms stand in one vector or list, which began in this line; 0: they don't. */
  #wrappedSince = 0;
  #begun = false;

  constructor(visit: (form: Edn, line: number) => void) {
    this.#visit = visit;
  }

  push(line: string, number: number): void {
    if (this.#text === '') this.#line = number;
    this.#text += `${this.#follow(line, number)}\n`;
    if (this.#text.length > lineBytesMax) throw new LineProblem('an operation is never closed');
    if (this.#depth > 0 || this.#inString) return;
    this.#read();
  }

  end(): void {
    this.#read();
    if (this.#wrappedSince === 0) return;
    throw new LineProblem('the vector of operations is never closed', 1, this.#wrappedSince);
  }

  /** Counts what the line opens and closes. Returns it without the brackets around all operations. */
  #follow(line: string, number: number): string {
    let kept = line;
    for (let at = 0; at < line.length; at++) {
      const character = line[at] as string;
      if (character === '\\') at++;
      else if (character === '"') this.#inString = !this.#inString;
      else if (this.#inString) continue;
      else if (character === ';') break;
      else if ('[({'.includes(character)) {
        if (!this.#begun && character !== '{') {
          this.#wrappedSince = number;
          kept = without(kept, at);
        } else this.#depth++;
        this.#begun = true;
      } else if ('])}'.includes(character)) {
        if (this.#depth > 0) this.#depth--;
        else if (this.#wrappedSince > 0 && character !== '}') {
          this.#wrappedSince = 0;
          kept = without(kept, at);
        }
      }
    }
    return kept;
  }

  #read(): void {
    const reader = new EdnReader(this.#text);
    this.#text = '';
    try {
      for (let form = reader.next(); form !== undefined; form = reader.next()) {
        this.#visit(form, this.#line);
      }
    } catch (error) {
      if (error instanceof EdnProblem) {
        throw new LineProblem(error.message, error.column, this.#line + error.linesAfter);
      }
      if (!(error instanceof LineProblem)) throw error;
      throw new LineProblem(error.message, error.column, error.line ?? this.#line);
    }
  }
}

/** The column of what follows stays what it was. */
const without = (line: string, at: number): string => `${line.slice(0, at)} ${line.slice(at + 1)}`;
