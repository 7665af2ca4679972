/** Transactions as people write them: one step a line. */

import { ConfigError, type Problem } from '../config/problem.js';
import { keyFromBytes } from '../core/key.js';
import { keyBytesMax, valueBytesMax } from '../core/limits.js';
import type { TransactionStep } from '../core/operation.js';
import { show } from '../core/show.js';
import { nearestWord } from '../core/suggest.js';
import { decodeUtf8 } from '../core/utf8.js';
import { type Complaint, isWord, splitWords, type Word, wordText } from './words.js';

const problemsMax = 20;

/** How many words follow each, and what they are. */
const forms = {
  put: ['KEY', 'VALUE'],
  get: ['KEY'],
  delete: ['KEY'],
  check: ['KEY', 'VALUE'],
} as const;
type StepType = keyof typeof forms;

const formOf = (type: StepType): string => [type, ...forms[type]].join(' ');

/**
 * The steps that a text says: `put KEY VALUE`, `get KEY`, `delete KEY`, `check KEY VALUE` or `check KEY absent`, words
 * as {@link splitWords} has them. Throws a {@link ConfigError} with all that is wrong.
 */
export function parseTransaction(text: Uint8Array, source: string): readonly TransactionStep[] {
  const steps: TransactionStep[] = [];
  const problems: Problem[] = [];
  for (const [at, line] of linesOf(text, source).entries()) {
    // No person reads more of them.
    if (problems.length >= problemsMax) break;
    const step = stepIn(line);
    if (step === null) continue;
    if ('message' in step) problems.push({ source, line: at + 1, ...step });
    else steps.push(step);
  }
  if (problems.length === 0 && steps.length === 0) {
    problems.push({ source, message: 'the transaction has no steps' });
  }
  if (problems.length > 0) throw new ConfigError(problems, 'the transaction');
  return steps;
}

function linesOf(text: Uint8Array, source: string): readonly string[] {
  const decoded = decodeUtf8(text);
  if (decoded !== null) return decoded.replace(/^\ufeff/, '').split(/\r?\n/);
  const message = 'it is not UTF-8 text; any byte can be written as \\x00 to \\xff';
  throw new ConfigError([{ source, message }], 'the transaction');
}

/** `null` of a line that says nothing. */
export function stepIn(line: string): TransactionStep | Complaint | null {
  const words = splitWords(line);
  if ('message' in words) return words;
  const [verb, key, value] = words;
  if (verb === undefined) return null;
  const type = typeOf(verb);
  if (typeof type !== 'string') return type;
  const wanted = 1 + forms[type].length;
  const surplus = words[wanted];
  if (surplus !== undefined) {
    const message = `too many words for ${formOf(type)}; what holds blanks needs double quotes`;
    return { column: surplus.column, message };
  }
  if (key === undefined || words.length < wanted) {
    return { column: line.trimEnd().length + 1, message: `expected ${formOf(type)}` };
  }
  return sizeComplaint(key, value) ?? makeStep(type, key, value);
}

function typeOf(typed: Word): StepType | Complaint {
  const { column } = typed;
  const word = wordText(typed);
  const types = Object.keys(forms);
  if (types.includes(word)) return word as StepType;
  const meant = nearestWord(word, types);
  const question = meant === null ? '' : `, did you mean ${show(meant)}?`;
  const message = `there is no step ${show(word)}${question}; the steps are ${types.join(', ')}`;
  return { column, message };
}

function sizeComplaint(key: Word, value: Word | undefined): Complaint | null {
  const { column } = key;
  if (key.bytes.length === 0) return { column, message: 'a key may not be empty' };
  if (key.bytes.length > keyBytesMax) {
    return { column, message: `the key is ${key.bytes.length} bytes, at most ${keyBytesMax}` };
  }
  if (value === undefined || value.bytes.length <= valueBytesMax) return null;
  const message = `the value is ${value.bytes.length} bytes, at most ${valueBytesMax}`;
  return { column: value.column, message };
}

const nothing = new Uint8Array();

function makeStep(type: StepType, keyWord: Word, valueWord: Word | undefined): TransactionStep {
  const key = keyFromBytes(keyWord.bytes);
  const value = valueWord?.bytes ?? nothing;
  if (type === 'put') return { type, key, value };
  if (type !== 'check') return { type, key };
  return { type, key, expected: isWord(valueWord, 'absent') ? null : value };
}
