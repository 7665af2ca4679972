/**
 * Logs as Jepsen's early versions print them: process, type, function and value in columns with tabs between, after
 * whatever the logger puts before them. `INFO  jepsen.util - 0	:invoke	:cas	[3 0]`
 */
import { HistoryBuilder } from './builder.js';
import { type Edn, EdnReader } from './edn.js';
import { JepsenReader } from './jepsen.js';
import type { LineReader } from './line-reader.js';
import { isBlankLine, lineText } from './lines.js';
import { LineProblem } from './problem.js';

const columns = /^(?:.* - )?(\d+|:\w+)\t(:\w+)\t(:[\w-]+)\t([^\t]*)/;

export const isLogLine = (line: string): boolean => columns.test(line);

export function logReader(): LineReader {
  const builder = new HistoryBuilder();
  const operations = new JepsenReader(builder);
  return {
    take(bytes, start, end, line) {
      if (isBlankLine(bytes, start, end)) return;
      const [, process, type, f, value] = columns.exec(lineText(bytes, start, end)) ?? [];
      if (!process || !type || !f || value === undefined) {
        throw new LineProblem('expected process, :type, :function and value, with tabs between');
      }
      operations.take(
        { process: ednOf(process), type: ednOf(type), f: ednOf(f), value: ednOf(value) },
        line,
      );
    },
    finish: () => builder.finish(),
  };
}

const ednOf = (text: string): Edn => new EdnReader(text).next() ?? null;
