/** Numbers as Clojure's reader takes them. */

/** A number that no JavaScript number is equal to; `text` is the shortest that Clojure would read as the same. */
export interface OddNumber {
  readonly text: string;
}

const integer =
  /^([-+]?)(?:(0)|([1-9]\d*)|0[xX]([\da-fA-F]+)|0([0-7]+)|([1-9]\d?)[rR]([\da-zA-Z]+))N?$/;
const decimal = /^([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)(M?)$/;
const ratio = /^([-+]?\d+)\/(\d+)$/;
/** So many digits survive in a JavaScript number. */
const exactDigits = 15;

/** Of more digits nobody writes a number; what has them is told from others by how it is written. */
const digitsMax = 1000;

/** `null`: it begins as a number does and is none. */
export function numberOf(word: string): number | OddNumber | null {
  if (word.length > digitsMax) return /^[-+]?[\d][\w./+-]*$/.test(word) ? { text: word } : null;
  if (word.length <= exactDigits && /^-?[1-9]\d*$/.test(word)) return Number(word);
  const whole = integer.exec(word);
  if (whole !== null) return integerOf(whole);
  // What begins with 0 is octal, even if a digit of it is none.
  if (/^[-+]?0\d+N?$/.test(word)) return null;
  const part = decimal.exec(word);
  if (part !== null) return decimalOf(part[1] as string, part[2] === 'M');
  const fraction = ratio.exec(word);
  return fraction === null
    ? null
    : ratioOf(BigInt(unsigned(fraction[1] as string)), BigInt(fraction[2] as string));
}

function integerOf([, sign, zero, digits, hex, octal, base, based]: RegExpExecArray) {
  if (zero !== undefined) return 0;
  let text = digits;
  if (hex !== undefined) text = `0x${hex}`;
  else if (octal !== undefined) text = `0o${octal}`;
  else if (based !== undefined) {
    const number = inBase(based, Number(base));
    return number === null ? null : exact(sign === '-' ? -number : number);
  }
  const number = BigInt(text as string);
  return exact(sign === '-' ? -number : number);
}

/** `null`: a digit of it is none in that base. */
function inBase(digits: string, base: number): bigint | null {
  if (base < 2 || base > 36) return null;
  let sum = 0n;
  for (const digit of digits) {
    const value = Number.parseInt(digit, 36);
    if (value >= base) return null;
    sum = sum * BigInt(base) + BigInt(value);
  }
  return sum;
}

function exact(number: bigint): number | OddNumber {
  const rounded = Number(number);
  return Number.isSafeInteger(rounded) ? rounded : { text: number.toString() };
}

function decimalOf(text: string, isExact: boolean): number | OddNumber {
  const number = Number.parseFloat(text);
  const digits = text.replace(/[eE].*$/, '').replace(/\D/g, '').length;
  if (!Number.isFinite(number) || (isExact && digits > exactDigits)) return { text };
  return number === 0 ? 0 : number;
}

function ratioOf(over: bigint, under: bigint): number | OddNumber | null {
  if (under === 0n) return null;
  const common = divisorOf(over < 0n ? -over : over, under);
  if (under === common) return exact(over / under);
  return { text: `${over / common}/${under / common}` };
}

function divisorOf(a: bigint, b: bigint): bigint {
  let [large, small] = [a, b];
  while (small !== 0n) [large, small] = [small, large % small];
  return large;
}

const unsigned = (text: string): string => text.replace(/^\+/, '');
