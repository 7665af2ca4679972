import { HistoryBuilder } from '../builder.js';
import { JepsenReader } from '../jepsen/jepsen.js';
import { FieldProblem, LineProblem } from '../problem.js';
import { FormSplitter } from '../text/form-splitter.js';
import type { LineReader } from '../text/line-reader.js';
import { lineText } from '../text/lines.js';
import { EdnOperation } from './operation.js';
import { skipToForm } from './scan.js';
import { textOfEdn } from './text.js';

/** EDN: one map an operation, one after the other or all in one vector; see {@link JepsenReader}. */
export function ednReader(): LineReader {
  const builder = new HistoryBuilder();
  const operations = new JepsenReader(builder, textOfEdn);
  const operation = new EdnOperation();
  const read = (text: string, at: number, line: number): number => {
    const end = operation.read(text, at);
    if (end < 0) return end;
    try {
      operations.take(operation, line);
    } catch (error) {
      if (!(error instanceof LineProblem) || error.column !== undefined) throw error;
      throw operation.problem(error.message, error instanceof FieldProblem ? error.field : null);
    }
    return end;
  };
  const forms = new FormSplitter(read, skipToForm);
  return {
    take: (bytes, start, end, line) => forms.push(lineText(bytes, start, end), line),
    finish() {
      forms.end();
      return builder.finish();
    },
  };
}
