/** One operation as EDN has it: a map of which only what is asked for is understood. */

import { type JepsenField, type JepsenOperation, jepsenFields } from '../jepsen/jepsen.js';
import type { LineProblem } from '../problem.js';
import { type Edn, EdnProblem, EdnReader, ednProblem } from './edn.js';
import { charClass, classOf, code, endOfForm, endOfWord, skipToForm } from './scan.js';

const none = -1;
const fieldNumbers: ReadonlyMap<string, number> = new Map(
  jepsenFields.map((name, at) => [name, at]),
);
const openBrace = 0x7b;
const closeBrace = 0x7d;

export class EdnOperation implements JepsenOperation {
  #text = '';
  #began = 0;
  /** Where the value of each of {@link jepsenFields} begins, or `none`. */
  readonly #places = new Int32Array(jepsenFields.length);

  /** Finds the fields of the operation that begins at `began`. Returns where it ends; -1: the text ends before it does. */
  read(text: string, began: number): number {
    this.#text = text;
    this.#began = began;
    this.#places.fill(none);
    const opened = this.#openingOf(began);
    return opened < 0 ? opened : this.#readFields(opened + 1);
  }

  get(field: JepsenField): Edn | undefined {
    const place = this.#placeOf(field);
    return place === none ? undefined : new EdnReader(this.#text, place).next();
  }

  /** What is wrong with a field, or with the operation. */
  problem(message: string, field: JepsenField | null): LineProblem {
    const place = field === null ? none : this.#placeOf(field);
    const problem = ednProblem(this.#text, place === none ? this.#began : place, message);
    // That it is a whole line goes without saying.
    const { column, linesAfter } = problem;
    return column === 1 ? new EdnProblem(message, undefined, linesAfter) : problem;
  }

  #placeOf(field: JepsenField): number {
    return this.#places[fieldNumbers.get(field) as number] as number;
  }

  /** Past tags and metadata, as of `#jepsen.history.Op{…}`. */
  #openingOf(began: number): number {
    const text = this.#text;
    let at = began;
    for (;;) {
      const character = text.charCodeAt(at);
      if (character === openBrace) return at;
      if (character === code.caret) at = endOfForm(text, at + 1);
      else if (character === code.hash) at = endOfWord(text, at);
      else {
        // Some other form, or none at all: that is told by the reader.
        new EdnReader(text, at).next();
        throw this.problem('each operation is a map, {:process 0, …}', null);
      }
      if (at < 0) return at;
      at = this.#skip(at);
      if (at >= text.length) return -1;
    }
  }

  #readFields(from: number): number {
    const text = this.#text;
    for (let at = this.#skip(from); at < text.length; at = this.#skip(at)) {
      const character = text.charCodeAt(at);
      if (character === closeBrace) return at + 1;
      let field = none;
      if (character === code.colon) {
        const end = endOfWord(text, at);
        field = fieldNumbers.get(text.slice(at + 1, end)) ?? none;
        at = end;
      } else {
        this.#checkForm(at);
        at = endOfForm(text, at);
        if (at < 0) break;
      }
      at = this.#skip(at);
      if (at >= text.length) break;
      if (text.charCodeAt(at) === closeBrace) {
        throw ednProblem(text, at, 'a key of this map has no value');
      }
      this.#checkForm(at);
      if (field !== none) this.#places[field] = at;
      at = endOfForm(text, at);
      if (at < 0) break;
    }
    return -1;
  }

  #checkForm(at: number): void {
    if (classOf(this.#text.charCodeAt(at)) !== charClass.closes) return;
    throw ednProblem(this.#text, at, 'this closes nothing');
  }

  /** Past blanks and what is discarded. */
  #skip(from: number): number {
    const text = this.#text;
    const next = text.charCodeAt(from);
    // As a rule one comma and one blank.
    if (next === code.comma && text.charCodeAt(from + 1) === code.space) {
      const after = text.charCodeAt(from + 2);
      if (after === code.colon) return from + 2;
    }
    return skipToForm(text, from);
  }
}
