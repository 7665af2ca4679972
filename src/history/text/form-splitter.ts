/** Operations in a file of EDN or JSON, wherever its lines break: the brackets of both, their strings and escapes are alike. */
import { EdnProblem } from '../edn/edn.js';
import { charClass, classOf, code, endOfUnreadable } from '../edn/scan.js';
import { LineProblem } from '../problem.js';
import { lineBytesMax } from './lines.js';

/** So many lines may say only that something follows, such as a tag. */
const danglingLinesMax = 64;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Reads the operation that begins at `at`, the first in `line` of the file. Returns where it ends; -1: the text ends
 * before it does.
 */
export type ReadForm = (text: string, at: number, line: number) => number;

/** Gathers lines until the forms that began in them have ended. */
export class FormSplitter {
  readonly #read: ReadForm;
  readonly #skip: (text: string, at: number) => number;
  #text = '';
  /** Where {@link #text} begins. */
  #line = 1;
  #depth = 0;
  #inString = false;
  /** All forms stand in one vector or list, which began in this line; 0: they don't. */
  #wrappedSince = 0;
  #begun = false;
  #dangling = 0;

  /** `skip`: past what is nothing. */
  constructor(read: ReadForm, skip: (text: string, at: number) => number) {
    this.#read = read;
    this.#skip = skip;
  }

  push(line: string, number: number): void {
    if (this.#text === '') this.#line = number;
    this.#text += `${this.#follow(line, number)}\n`;
    if (this.#text.length > lineBytesMax) {
      throw new LineProblem('an operation is never closed', 1, this.#line);
    }
    if (this.#depth > 0 || this.#inString) return;
    this.#take(false);
  }

  end(): void {
    this.#take(true);
    if (this.#wrappedSince === 0) return;
    throw new LineProblem('the vector of operations is never closed', 1, this.#wrappedSince);
  }

  /** Counts what the line opens and closes. Returns it without the brackets around all operations. */
  #follow(line: string, number: number): string {
    let kept = line;
    for (let at = 0; at < line.length; at++) {
      const character = line.charCodeAt(at);
      if (character === code.backslash) at++;
      else if (character === code.quote) this.#inString = !this.#inString;
      else if (this.#inString) continue;
      else {
        switch (classOf(character)) {
          case charClass.comment:
            return kept;
          case charClass.opens:
            if (this.#begun || character === openBrace) this.#depth++;
            else {
              this.#wrappedSince = number;
              kept = without(kept, at);
            }
            this.#begun = true;
            break;
          case charClass.closes:
            if (this.#depth > 0) this.#depth--;
            else if (this.#wrappedSince > 0 && character !== closeBrace) {
              this.#wrappedSince = 0;
              kept = without(kept, at);
            }
            break;
          default:
            if (character === code.hash && line.charCodeAt(at + 1) === code.less) {
              at = endOfUnreadable(line, at) - 1;
            }
        }
      }
    }
    return kept;
  }

  #take(isEnd: boolean): void {
    const text = this.#text;
    let line = this.#line;
    let counted = 0;
    for (let at = this.#skip(text, 0); at < text.length; at = this.#skip(text, at)) {
      for (let next = text.indexOf('\n', counted); next >= 0 && next < at; ) {
        line++;
        counted = next + 1;
        next = text.indexOf('\n', counted);
      }
      const end = this.#readPlaced(text, at, line);
      if (end >= 0) at = end;
      else {
        if (isEnd || ++this.#dangling > danglingLinesMax) {
          throw new LineProblem('this is never closed', at - counted + 1, line);
        }
        this.#line = line;
        this.#text = ' '.repeat(at - counted) + text.slice(at);
        return;
      }
    }
    this.#dangling = 0;
    this.#text = '';
  }

  #readPlaced(text: string, at: number, line: number): number {
    try {
      return this.#read(text, at, line);
    } catch (error) {
      if (error instanceof EdnProblem) {
        throw new LineProblem(error.message, error.column, this.#line + error.linesAfter);
      }
      if (!(error instanceof LineProblem)) throw error;
      throw new LineProblem(error.message, error.column, error.line ?? line);
    }
  }
}

/** The column of what follows stays what it was. */
const without = (line: string, at: number): string => `${line.slice(0, at)} ${line.slice(at + 1)}`;
