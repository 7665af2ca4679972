/**
 * Logarithms and powers that are alike on every engine. `Math.log` and `**` may differ in their last bits from one engine or
 * version to the next, and a simulated run with them: a page has another engine than the command line.
 *
 * FreeBSD's e_log.c and e_pow.c (Sun Microsystems 1993, 2004, freely granted), which V8 11 has, too: the same numbers as
 * there, with its slip in the last division of a power, so that runs stay what they were. Errors are about one unit in the last
 * place at most.
 */

/**
 * Of a finite number above 0. x = 2^k (1 + f) with sqrt(2)/2 < 1 + f < sqrt(2), and log(1 + f) by a polynomial in s = f / (2 + f).
 */
export function naturalLog(x: number): number {
  float[0] = x;
  let high = words[highAt] as number;
  let k = 0;
  if (high < 0x00100000) {
    // Too small for a whole mantissa.
    k -= 54;
    float[0] = x * two54;
    high = words[highAt] as number;
  }
  k += (high >> 20) - 1023;
  high &= 0x000fffff;
  const i = (high + 0x95f64) & 0x100000;
  words[highAt] = high | (i ^ 0x3ff00000);
  k += i >> 20;
  const f = (float[0] as number) - 1;
  if ((0x000fffff & (2 + high)) < 3) return nearOne(f, k);
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const t1 = w * (lg2 + w * (lg4 + w * lg6));
  const t2 = z * (lg1 + w * (lg3 + w * (lg5 + w * lg7)));
  const r = t2 + t1;
  if (((high - 0x6147a) | (0x6b851 - high)) <= 0) {
    if (k === 0) return f - s * (f - r);
    return k * ln2High - (s * (f - r) - k * ln2Low - f);
  }
  const half = 0.5 * f * f;
  if (k === 0) return f - (half - s * (half + r));
  return k * ln2High - (half - (s * (half + r) + k * ln2Low) - f);
}

/** |f| < 2^-20. */
function nearOne(f: number, k: number): number {
  if (f === 0) return k === 0 ? 0 : k * ln2High + k * ln2Low;
  const r = f * f * (0.5 - 0.3333333333333333 * f);
  if (k === 0) return f - r;
  return k * ln2High - (r - k * ln2Low - f);
}

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);
/** Of the two words of a number, the one with its sign. */
const highAt = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

const two54 = 18014398509481984;
const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;
const lg1 = 0.6666666666666735;
const lg2 = 0.3999999999940942;
const lg3 = 0.2857142874366239;
const lg4 = 0.22222198432149784;
const lg5 = 0.1818357216161805;
const lg6 = 0.15313837699209373;
const lg7 = 0.14798198605116586;

/**
 * `base` from 0 to 2^500 to an exponent of at most 8, or, of a base below 1, of any size: with the logarithm to base 2 in two
 * parts, exact to some 64 bits. What would be a subnormal number is 0.
 */
export function power(base: number, exponent: number): number {
  if (exponent === 0 || base === 1) return 1;
  if (base === 0) return exponent > 0 ? 0 : Number.POSITIVE_INFINITY;
  const [log, logRest] = logInTwo(base);
  const whole = highOf(exponent);
  const low = (exponent - whole) * log + exponent * logRest;
  return powerOfTwo(whole * log, low);
}

function logInTwo(x: number): readonly [high: number, low: number] {
  float[0] = x;
  let high = words[highAt] as number;
  let n = 0;
  if (high < 0x00100000) {
    float[0] = x * two53;
    n -= 53;
    high = words[highAt] as number;
  }
  n += (high >> 20) - 0x3ff;
  const j = high & 0x000fffff;
  // Near 1 or near 1.5.
  const isHalf = j > 0x3988e && j < 0xbb67a;
  high = j | 0x3ff00000;
  if (j >= 0xbb67a) {
    n++;
    high -= 0x00100000;
  }
  words[highAt] = high;
  const ax = float[0] as number;
  const near = isHalf ? 1.5 : 1;
  const u = ax - near;
  const v = 1 / (ax + near);
  const s = u * v;
  const sHigh = highOf(s);
  float[0] = 0;
  words[highAt] = ((high >> 1) | 0x20000000) + 0x00080000 + (isHalf ? 1 << 18 : 0);
  const sumHigh = float[0] as number;
  const sLow = v * (u - sHigh * sumHigh - sHigh * (ax - (sumHigh - near)));
  const s2 = s * s;
  const r =
    s2 * s2 * (l1 + s2 * (l2 + s2 * (l3 + s2 * (l4 + s2 * (l5 + s2 * l6))))) + sLow * (sHigh + s);
  const s2High = sHigh * sHigh;
  const tHigh = highOf(3 + s2High + r);
  const tLow = r - (tHigh - 3 - s2High);
  const product = sHigh * tHigh;
  const rest = sLow * tHigh + tLow * s;
  const pHigh = highOf(product + rest);
  const pLow = rest - (pHigh - product);
  const zHigh = cpHigh * pHigh;
  const zLow = cpLow * pHigh + pLow * cp + (isHalf ? halfLow : 0);
  const half = isHalf ? halfHigh : 0;
  const t1 = highOf(zHigh + zLow + half + n);
  return [t1, zLow - (t1 - n - half - zHigh)];
}

/** 2^(high + low), where that is no subnormal number. */
function powerOfTwo(high: number, low: number): number {
  if (low + high < -1022) return 0;
  const n = Math.abs(low + high) > 0.5 ? roundedHalf(low + high) : 0;
  const left = high - n;
  const t = highOf(low + left);
  const u = t * lg2High;
  const v = (low - (t - left)) * Math.LN2 + t * lg2Low;
  const z = u + v;
  const w = v - (z - u);
  const z2 = z * z;
  const t1 = z - z2 * (p1 + z2 * (p2 + z2 * (p3 + z2 * (p4 + z2 * p5))));
  // The paper's is (z * t1) / (t1 - 2) - (w + z * w).
  const r = (z * t1) / (t1 - 2 - (w + z * w));
  float[0] = 1 - (r - z);
  words[highAt] = (words[highAt] as number) + (n << 20);
  return float[0] as number;
}

/** The nearest whole number; halfway, away from 0. */
const roundedHalf = (x: number): number => Math.sign(x) * Math.floor(Math.abs(x) + 0.5);

/** Its upper word alone. */
function highOf(x: number): number {
  float[0] = x;
  words[1 - highAt] = 0;
  return float[0] as number;
}

const two53 = 9007199254740992;
const halfHigh = 0.5849624872207642;
const halfLow = 1.350039202129749e-8;
const l1 = 0.5999999999999946;
const l2 = 0.4285714285785502;
const l3 = 0.33333332981837743;
const l4 = 0.272728123808534;
const l5 = 0.23066074577556175;
const l6 = 0.20697501780033842;
const cp = 0.9617966939259756;
const cpHigh = 0.9617967009544373;
const cpLow = -7.028461650952758e-9;
const lg2High = 0.6931471824645996;
const lg2Low = -1.904654299957768e-9;
const p1 = 0.16666666666666602;
const p2 = -0.0027777777777015593;
const p3 = 0.00006613756321437934;
const p4 = -0.0000016533902205465252;
const p5 = 4.1381367970572385e-8;
