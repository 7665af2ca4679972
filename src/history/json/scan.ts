/**
 * The fast way to read a line of JSON: byte by byte, without a string or an object, for lines whose fields are plain.
 * Whatever it does not know (escapes, fractions, nested values, transactions, errors) it leaves to the thorough way,
 * which reads the line again.
 */
import { encodeUtf8, isUtf8 } from '../../core/utf8.js';
import type { HistoryBuilder } from '../builder.js';
import { clearEvent, type Event, eventType, kindCode } from '../event.js';
import { absent, objectKinds, unsaid } from '../history.js';
import { hashSeed, hashStep, type TextTable } from '../text/text-table.js';
import { processMax } from './event.js';

const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;
const comma = 0x2c;
const minus = 0x2d;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Integers of more digits may not be exact. */
const digitsMax = 15;
const failed = -2;

/** Each is known by its first letter, for no two have the same. */
function byFirstLetter(codes: Readonly<Record<string, number>>): (readonly [Uint8Array, number])[] {
  const table: [Uint8Array, number][] = [];
  for (const [word, code] of Object.entries(codes)) {
    table[word.charCodeAt(0)] = [encodeUtf8(word), code];
  }
  return table;
}

const objects: readonly string[] = objectKinds;
/** What is asked of objects is read the thorough way. */
const plainKinds = Object.entries(kindCode).filter(([kind]) => !objects.includes(kind));
const kindWords = byFirstLetter(Object.fromEntries(plainKinds));
const { invoke, info, ...ends } = eventType;
const endWords = byFirstLetter(ends);
const nullWord = encodeUtf8('null');
const invokeWord = encodeUtf8('invoke');
const infoWord = encodeUtf8('info');

const fieldNames = [
  ...['process', 'type', 'f', 'key', 'value', 'time'],
  ...['actual', 'node', 'session', 'version', 'error'],
] as const;
type FieldName = (typeof fieldNames)[number];
const field = Object.fromEntries(fieldNames.map((name, at) => [name, at])) as Record<
  FieldName,
  number
>;
const fieldWords = fieldNames.map((name) => encodeUtf8(`"${name}"`));
const demanded = (1 << field.process) | (1 << field.type) | (1 << field.f) | (1 << field.time);

export class JsonScanner {
  readonly #builder: HistoryBuilder;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  /** A byte that is not ASCII was met in a text. */
  #wide = false;
  #isPair = false;
  readonly #event: Event;

  constructor(builder: HistoryBuilder, event: Event) {
    this.#builder = builder;
    this.#event = event;
  }

  /** Reads the line into the event; false when it must be read the thorough way. */
  scan(bytes: Uint8Array, start: number, end: number): boolean {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#wide = false;
    this.#isPair = false;
    clearEvent(this.#event);
    if (!this.#take(openBrace)) return false;
    let seen = 0;
    let name = failed + 1;
    do {
      name = this.#fieldName(name);
      if (name < 0 || (seen & (1 << name)) !== 0) return false;
      seen |= 1 << name;
      this.#skipSpaces();
      if (!this.#field(name)) return false;
      this.#skipSpaces();
    } while (this.#takeComma());
    if (!this.#take(closeBrace)) return false;
    this.#skipSpaces();
    if (this.#at !== end || (seen & demanded) !== demanded) return false;
    if (this.#wide && !isUtf8(bytes, start, end)) return false;
    return this.#settle();
  }

  /** What could only be judged once the whole line was known. */
  #settle(): boolean {
    const event = this.#event;
    if (event.kind === kindCode.txn) return false;
    if (event.kind === kindCode.cas) {
      if (!this.#isPair && event.value > absent) return false;
      if (!this.#isPair) event.value = unsaid;
      return true;
    }
    if (event.value === absent && event.type !== eventType.ok) event.value = unsaid;
    return !this.#isPair;
  }

  #field(name: number): boolean {
    const event = this.#event;
    switch (name) {
      case field.process:
        event.process = this.#integer();
        return event.process >= 0 && event.process <= processMax;
      case field.type:
        return this.#type();
      case field.f:
        event.kind = this.#word(kindWords);
        return event.kind >= 0;
      case field.key:
        event.key = this.#text(this.#builder.keys);
        return event.key >= 0;
      case field.value:
        return this.#value();
      case field.time:
        event.time = this.#integer();
        return event.time >= 0;
      case field.actual:
        event.actual = this.#scalar();
        return event.actual >= 0;
      case field.node:
        event.node = this.#text(this.#builder.nodes);
        return event.node >= 0;
      case field.session:
        event.session = this.#text(this.#builder.sessions);
        return event.session >= 0;
      case field.version:
        return this.#version();
      default:
        return this.#text(null) >= 0;
    }
  }

  #type(): boolean {
    const event = this.#event;
    if (this.#bytes[this.#at + 1] === 0x69) {
      // invoke and info begin alike.
      const isInvoke = this.#bytes[this.#at + 3] === 0x76;
      event.type = isInvoke ? invoke : info;
      return (
        this.#take(quote) && this.#literal(isInvoke ? invokeWord : infoWord) && this.#take(quote)
      );
    }
    event.type = this.#word(endWords);
    return event.type >= 0;
  }

  #value(): boolean {
    const event = this.#event;
    if (this.#bytes[this.#at] !== openBracket) {
      event.value = this.#scalar();
      return event.value >= 0;
    }
    this.#at++;
    this.#isPair = true;
    event.expected = this.#scalar();
    this.#skipSpaces();
    if (event.expected < 0 || !this.#takeComma()) return false;
    event.value = this.#scalar();
    this.#skipSpaces();
    return event.value >= 0 && this.#take(closeBracket);
  }

  /** The id of a string, an integer or null; `failed` for any other. */
  #scalar(): number {
    const byte = this.#bytes[this.#at] as number;
    const { values } = this.#builder;
    if (byte === quote) {
      const id = this.#text(values);
      return id < 0 ? failed : id + 1;
    }
    if (byte === 0x6e) return this.#literal(nullWord) ? absent : failed;
    const start = this.#at;
    if (this.#integer() === failed) return failed;
    let hash = hashSeed;
    for (let at = start; at < this.#at; at++) hash = hashStep(hash, this.#bytes[at] as number);
    return values.intern(this.#bytes, start, this.#at, hash) + 1;
  }

  /** The id of a string in its table, 0 without one; `failed` for any other. */
  #text(table: TextTable | null): number {
    const bytes = this.#bytes;
    const end = this.#end;
    if (bytes[this.#at] !== quote) return failed;
    const start = this.#at + 1;
    let hash = hashSeed;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte === quote) {
        this.#at = at + 1;
        return table === null ? 0 : table.intern(bytes, start, at, hash);
      }
      if (byte === backslash || byte < space) return failed;
      if (byte > 0x7f) this.#wide = true;
      hash = hashStep(hash, byte);
    }
    return failed;
  }

  /** `{"stamp":1,"node":"n1"}`, its fields in this order. */
  #version(): boolean {
    if (!this.#take(openBrace) || !this.#literal(stampWord) || !this.#takeColon()) return false;
    this.#event.versionStamp = this.#integer();
    this.#skipSpaces();
    if (this.#event.versionStamp < 0 || !this.#takeComma()) return false;
    if (!this.#literal(nodeWord) || !this.#takeColon()) return false;
    this.#event.versionNode = this.#text(this.#builder.nodes);
    this.#skipSpaces();
    return this.#event.versionNode >= 0 && this.#take(closeBrace);
  }

  /** As its shortest JSON has it, `failed` otherwise: no leading zeros, no fraction, no exponent, no `-0`. */
  #integer(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    const isNegative = bytes[at] === minus;
    if (isNegative) at++;
    const start = at;
    let sum = 0;
    for (; at < this.#end; at++) {
      const byte = bytes[at] as number;
      if (byte < zero || byte > nine) break;
      sum = sum * 10 + (byte - zero);
    }
    const length = at - start;
    if (length === 0 || length > digitsMax) return failed;
    if (bytes[start] === zero && (length > 1 || isNegative)) return failed;
    // Of a fraction or an exponent this is the beginning only, and what follows it is refused.
    this.#at = at;
    // No field of the history but a value is negative, and of a value only the text counts.
    return isNegative ? failed - 1 : sum;
  }

  #word(words: readonly (readonly [Uint8Array, number] | undefined)[]): number {
    const known = words[this.#bytes[this.#at + 1] as number];
    if (known === undefined || !this.#take(quote)) return failed;
    return this.#literal(known[0]) && this.#take(quote) ? known[1] : failed;
  }

  /** The field whose name and colon come next; as a rule the one after `last`. */
  #fieldName(last: number): number {
    const next = last + 1;
    if (next < fieldWords.length && this.#literal(fieldWords[next] as Uint8Array)) {
      return this.#take(colon) ? next : failed;
    }
    for (let name = 0; name < fieldWords.length; name++) {
      if (this.#literal(fieldWords[name] as Uint8Array)) return this.#take(colon) ? name : failed;
    }
    return failed;
  }

  #literal(word: Uint8Array): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
    this.#at = at + word.length;
    return this.#at <= this.#end;
  }

  #take(byte: number): boolean {
    if (this.#at >= this.#end || this.#bytes[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  /** One of each may stand around colons, as some writers have it; more is for the thorough way. */
  #takeColon(): boolean {
    if (!this.#take(colon)) return false;
    this.#skipSpaces();
    return true;
  }

  #takeComma(): boolean {
    if (!this.#take(comma)) return false;
    this.#skipSpaces();
    return true;
  }

  #skipSpaces(): void {
    while (this.#at < this.#end && isBlank(this.#bytes[this.#at] as number)) this.#at++;
  }
}

const stampWord = encodeUtf8('"stamp"');
const nodeWord = encodeUtf8('"node"');

/** Space, tab and carriage return. */
const isBlank = (byte: number): boolean => byte === space || byte === 0x09 || byte === 0x0d;
