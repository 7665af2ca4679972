import { HistoryBuilder } from './builder.js';
import { newEvent } from './event.js';
import type { History } from './history.js';
import { readJsonEvent } from './json-event.js';
import { JsonScanner } from './json-scan.js';
import { isBlankLine, lineText } from './lines.js';

/** Takes a file line by line. Both throw a `LineProblem`. */
export interface LineReader {
  /** The bytes are good until the call returns; lines are counted from 1. */
  take(bytes: Buffer, start: number, end: number, line: number): void;
  finish(): History;
}

/** JSON lines: one object a line, in the order of time. */
export function jsonReader(): LineReader {
  const builder = new HistoryBuilder();
  const event = newEvent();
  const scanner = new JsonScanner(builder, event);
  return {
    take(bytes, start, end, line) {
      if (!scanner.scan(bytes, start, end)) {
        if (isBlankLine(bytes, start, end)) return;
        if (!readJsonEvent(lineText(bytes, start, end), builder, event)) return;
      }
      builder.take(event, line);
    },
    finish: () => builder.finish(),
  };
}
