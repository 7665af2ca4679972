/**
 * Logs of Jepsen, whatever its version: process, type, function, value and perhaps an error, in columns after what the
 * logger puts before them. Tabs stand between them, or blanks, where the log came through a terminal or a web page.
 *
 *     INFO  jepsen.util - 0	:invoke	:cas	[3 0]
 *     INFO [2021-02-08 11:17:57,842] jepsen worker 0 - jepsen.util 0	:invoke	:read	nil
 *     2021-02-26 23:39:01,300{GMT}	INFO	[jepsen worker 1] jepsen.util: 1	:invoke	:write	[0 2]
 *     0	:invoke	:read	nil
 *
 * The other messages of a logger, and the traces of exceptions after them, are left out. A line with an operation that
 * can't be read is refused.
 */
import { HistoryBuilder } from '../builder.js';
import { type Edn, EdnProblem, EdnReader } from '../edn/edn.js';
import { textOfEdn } from '../edn/text.js';
import { FieldProblem, LineProblem } from '../problem.js';
import type { LineReader } from '../text/line-reader.js';
import { isBlankLine, lineText } from '../text/lines.js';
import { type JepsenField, type JepsenOperation, JepsenReader } from './jepsen.js';

/** Each column begins where the one before has ended, so that no line takes long. */
const columns =
  /(?<![^\s:])(\d+|:[A-Za-z][\w.-]*)\s+(:(?:invoke|ok|fail|info))\s+(:[^\s,()[\]{}"]+)(?=\s|$)\s*/d;
/** Of what a logger says, or of a trace after it. */
const message =
  /^\s*(?:(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b|\d{4}-\d\d-\d\d[ T]|at |Caused by|\.{3})|\b(?:INFO|WARN|ERROR)\b/;

export const isLogLine = (line: string): boolean => columns.test(uncoloured(line));

/** Whether a log may begin with it, before its first operation. */
export const isLogMessage = (line: string): boolean =>
  /^(?:(?:TRACE|DEBUG|INFO|WARN|ERROR)\b|\d{4}-\d\d-\d\d[ T]\S+\s+(?:DEBUG|INFO|WARN|ERROR)\b)/.test(
    uncoloured(line),
  );

class LogOperation implements JepsenOperation {
  #line = '';
  #places: Partial<Record<JepsenField, number>> = {};

  /** False when there is no operation in the line. */
  read(line: string): boolean {
    const found = columns.exec(line);
    const [whole, process, type, f] = found?.indices ?? [];
    if (!whole || !process || !type || !f) return false;
    this.#line = line;
    const value = whole[1] < line.length ? { value: whole[1] } : {};
    this.#places = { process: process[0], type: type[0], f: f[0], ...value };
    return true;
  }

  get(field: JepsenField): Edn | undefined {
    const place = this.#places[field];
    return place === undefined ? undefined : new EdnReader(this.#line, place).next();
  }

  columnOf(field: JepsenField): number {
    return (this.#places[field] ?? 0) + 1;
  }
}

export function logReader(): LineReader {
  const builder = new HistoryBuilder();
  const operations = new JepsenReader(builder, textOfEdn);
  const operation = new LogOperation();
  /** What comes after a message belongs to it, until the next operation. */
  let inMessage = false;
  return {
    take(bytes, start, end, line) {
      if (isBlankLine(bytes, start, end)) return;
      const text = uncoloured(lineText(bytes, start, end));
      if (operation.read(text)) {
        inMessage = false;
        takePlaced(operations, operation, line);
      } else {
        inMessage ||= message.test(text);
        if (inMessage && !isCutOperation(text)) return;
        throw new LineProblem('expected process, :type, :function and value');
      }
    },
    finish: () => builder.finish(),
  };
}

/** What a terminal took for colours came along when the log was copied. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about.
const uncoloured = (text: string): string => text.replace(/\u001b\[[\d;]*[A-Za-z]/g, '');

/** What stands where operations stand, and begins as they do. */
const isCutOperation = (text: string): boolean =>
  /(?:^|jepsen\.(?:util|print)(?: -|:)?\s)\s*\d+\s+:[a-z]*/.test(text);

function takePlaced(operations: JepsenReader, operation: LogOperation, line: number): void {
  try {
    operations.take(operation, line);
  } catch (error) {
    if (error instanceof EdnProblem) throw new LineProblem(error.message, error.column);
    if (!(error instanceof FieldProblem)) throw error;
    throw new LineProblem(error.message, operation.columnOf(error.field as JepsenField));
  }
}
