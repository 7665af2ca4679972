/** What stands behind `expect`: a command, and what is to come of it. */

import { toDuration } from '../config/duration.js';
import { textOfBytes } from '../core/bytes.js';
import { errorCodes } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import { type Key, keyFromBytes } from '../core/key.js';
import { quantity, show } from '../core/show.js';
import { didYouMean, nearestWord } from '../core/suggest.js';
import { encodeUtf8 } from '../core/utf8.js';
import { checkArgument, type Scope } from '../operations/given.js';
import type { ExpectWord } from '../operations/operation.js';
import { isWord, type Word, wordText } from '../operations/transaction-text.js';
import { type ScriptCommand, scriptCommands } from './command-table.js';
import {
  type Copy,
  type Expectation,
  expectAgreement,
  expectAmong,
  expectAnywhere,
  expectCopies,
  expectFailure,
  expectOk,
  expectOther,
  expectPresent,
  expectStore,
  expectValues,
} from './outcome.js';
import { isFlag } from './parse-command.js';
import { at, LineError } from './script-lines.js';

/** What a command may fail with: its answer is no, or an error that users meet. */
export const failureCodes: readonly string[] = [
  ...['absent', 'refused', 'differ', 'unsettled', 'silent', 'violated', 'undecided'],
  ...errorCodes.filter((code) => !['cluster', 'config', 'interrupted', 'bug'].includes(code)),
];

const operators: readonly ExpectWord[] = ['==', '!=', 'in'];
const keywords = ['ok', 'absent', 'present', 'agree', 'differ', 'empty'] as const;
/** What stands between a command and what is expected of it. */
export const judgementWords: readonly string[] = [...operators, ...keywords];

const okWord: Word = { bytes: encodeUtf8('ok'), column: 1, quoted: false };

type Judgement =
  | { readonly type: 'fails'; readonly code: string | null }
  | { readonly type: 'word'; readonly word: Word; readonly values: readonly Word[] };

/** `expect` taken apart: which words are the command, and what is said of it. */
export interface ExpectLine {
  readonly withinMs: Millis | null;
  readonly command: readonly Word[];
  readonly judgement: Judgement;
}

/** `words` follow `expect`. Throws {@link LineError}. */
export function splitExpect(words: readonly Word[], endColumn: number): ExpectLine {
  if (isWord(words[0], 'within')) {
    const time = words[1];
    if (time === undefined) throw new LineError(endColumn, 'within what time? such as `within 5s`');
    const withinMs = at(time.column, () => toDuration(wordText(time), 'within'));
    return { ...splitExpect(words.slice(2), endColumn), withinMs };
  }
  if (isWord(words[0], 'fails')) return splitFails(words.slice(1));
  const [first, ...rest] = words;
  // It is the only thing that can be expected of it.
  if (isWord(first, 'history') && rest.every((word) => !isWord(word, 'ok'))) {
    return {
      withinMs: null,
      command: words,
      judgement: { type: 'word', word: okWord, values: [] },
    };
  }
  const operator = words.findIndex((word, index) => index > 0 && isOneOf(word, operators));
  const keyword = words.findLastIndex((word, index) => index > 0 && isOneOf(word, keywords));
  const place = operator > 0 ? operator : keyword;
  const word = words[place];
  if (word === undefined) throw missingJudgement(words, endColumn);
  const after = words.slice(place + 1);
  // Values go on to the first flag: what follows them is the command's again. A keyword has none.
  const flag = operator > 0 ? after.findIndex(isFlag) : 0;
  const valueCount = flag === -1 ? after.length : flag;
  const judgement = { type: 'word', word, values: after.slice(0, valueCount) } as const;
  const command = [...words.slice(0, place), ...after.slice(valueCount)];
  return { withinMs: null, command, judgement };
}

function missingJudgement(words: readonly Word[], endColumn: number): LineError {
  const assignment = words.find((word) => isWord(word, '='));
  if (assignment !== undefined) return new LineError(assignment.column, 'did you mean `==`?');
  const last = words.at(-1);
  const isText = last === undefined || last.quoted || words.length < 2;
  const meant = isText ? null : nearestWord(wordText(last), keywords);
  const forms = '`== VALUE`, `absent`, `ok`, or `expect fails COMMAND`';
  const question = `what is expected of it? Say ${forms}`;
  if (meant === null) return new LineError(endColumn, question);
  return new LineError(last?.column ?? endColumn, `did you mean \`${meant}\`? ${question}`);
}

function splitFails(words: readonly Word[]): ExpectLine {
  const [first, ...rest] = words;
  const isCode = first !== undefined && isOneOf(first, failureCodes);
  if (first !== undefined && !isCode) checkFirst(first);
  const judgement = { type: 'fails', code: isCode ? wordText(first) : null } as const;
  return { withinMs: null, command: isCode ? rest : words, judgement };
}

/** A word that begins no command can only be meant as a code. */
function checkFirst(word: Word): void {
  const firsts = scriptCommands.map(({ name }) => name.split(' ')[0] as string);
  const text = wordText(word);
  if (firsts.includes(text)) return;
  const question = didYouMean(text, [...failureCodes, ...firsts]);
  const message = `${show(text)} is no command, and nothing that one fails with${question}`;
  throw new LineError(word.column, `${message}; commands fail with ${failureCodes.join(', ')}`);
}

const isOneOf = (word: Word, words: readonly string[]): boolean =>
  !word.quoted && words.includes(wordText(word));

/** What the judgement comes to for this command; `gets` is how many values a transaction shows. */
export function expectationOf(
  judgement: Judgement,
  command: ScriptCommand,
  gets: number,
  scope: Scope,
): Expectation {
  if (judgement.type === 'fails') return expectFailure(judgement.code);
  const { word, values } = judgement;
  const text = wordText(word);
  if (text === 'ok') return expectOk;
  const { judged = [] } = command;
  if (!judged.includes(text as ExpectWord)) {
    const allowed = [...judged, 'ok'].map((each) => `\`${each}\``).join(', ');
    throw new LineError(word.column, `\`${command.name}\` can be ${allowed}, not \`${text}\``);
  }
  const isGet = command.name === 'get';
  switch (text as ExpectWord) {
    case 'absent':
      return isGet ? expectAmong([null]) : expectAnywhere(false);
    case 'present':
      return isGet ? expectPresent : expectAnywhere(true);
    case 'agree':
    case 'differ':
      return expectAgreement(text === 'agree');
    case 'empty':
      return expectStore(new Map(), true);
    case 'in':
      return expectAmong(atLeastOne(values, word, 'VALUE…').map(expectedValue));
    case '!=':
    case '==':
      return comparison(command, word, values, gets, scope);
  }
}

function comparison(
  command: ScriptCommand,
  word: Word,
  values: readonly Word[],
  gets: number,
  scope: Scope,
): Expectation {
  const equal = wordText(word) === '==';
  switch (command.name) {
    case 'dump': {
      const entries = atLeastOne(values, word, 'KEY=VALUE…').map(entryOf);
      return expectStore(new Map(entries), equal);
    }
    case 'search': {
      const copies = atLeastOne(values, word, 'NODE=VALUE…').map((each) => copyOf(each, scope));
      return expectCopies(new Map(copies));
    }
    case 'txn':
      if (values.length !== gets) {
        const has = `the transaction has ${quantity(gets, 'get')}, not ${values.length}`;
        throw new LineError(word.column, has);
      }
      return expectValues(values.map(expectedValue));
    default: {
      const [value, surplus] = atLeastOne(values, word, 'VALUE') as [Word, Word?];
      if (surplus !== undefined) {
        throw new LineError(surplus.column, 'only one value can be equal; see `in` for several');
      }
      return equal ? expectAmong([value.bytes]) : expectOther(value.bytes);
    }
  }
}

function atLeastOne(values: readonly Word[], word: Word, what: string): readonly Word[] {
  if (values.length > 0) return values;
  throw new LineError(word.column + wordText(word).length, `${what} is missing`);
}

const expectedValue = (word: Word): Uint8Array | null =>
  isWord(word, 'absent') ? null : word.bytes;

const equalsSign = 0x3d;

/** The first `=` parts the two. */
function halves({ bytes, column }: Word, form: string): readonly [Uint8Array, Uint8Array] {
  const sign = bytes.indexOf(equalsSign);
  if (sign > 0) return [bytes.slice(0, sign), bytes.slice(sign + 1)];
  throw new LineError(column, `expected ${form}`);
}

function entryOf(word: Word): readonly [Key, Uint8Array] {
  const [key, value] = halves(word, 'KEY=VALUE');
  return [keyFromBytes(key), value];
}

function copyOf(word: Word, scope: Scope): readonly [NodeId, Copy] {
  const [name, value] = halves(word, 'NODE=VALUE, NODE=absent or NODE=deleted');
  const node = textOfBytes(name);
  at(word.column, () => checkArgument({ name: 'NODE', kind: 'node' }, name, scope));
  const text = textOfBytes(value);
  const isState = !word.quoted && (text === 'absent' || text === 'deleted');
  return [node, isState ? (text as 'absent' | 'deleted') : value];
}
