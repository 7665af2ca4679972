/**
 * A run as the fragment of an address: `#1.CODE.DATA`. CODE is a digest of the code that whoever shared it saw it with, DATA
 * the run, deflated, as base64url (RFC 4648, section 5). What was decided stands in the scenario.
 *
 * Fragments come from anywhere: whatever is wrong with one is said, and nothing is thrown.
 */
import { toBase64 } from '../core/base64.js';
import { decodeUtf8, encodeUtf8 } from '../core/utf8.js';
import { bugs } from '../zoo/bugs.js';
import type { RunKey } from './recording.js';

/** Raw deflate (RFC 1951), by whatever the platform has. */
export interface Compressor {
  deflate(bytes: Uint8Array): Promise<Uint8Array>;
  /** Rejects what is no deflated data. May give up past `bytesMax`, with whatever it has by then, so that it is more. */
  inflate(bytes: Uint8Array, bytesMax: number): Promise<Uint8Array>;
}

export type OpenedLink =
  | {
      readonly type: 'run';
      readonly key: RunKey;
      /** Shared from another build of the laboratory: the same scenario may go another way here. */
      readonly isOfOtherCode: boolean;
    }
  | { readonly type: 'problem'; readonly message: string };

const version = '1';
/** Of a fragment: what messengers and address bars still take. */
const fragmentCharactersMax = 65_536;
const scenarioBytesMax = 262_144;
const seedMax = Number.MAX_SAFE_INTEGER;

/** With its `#`. `code`: eight hexadecimal digits or so. */
export async function fragmentOf(key: RunKey, code: string, by: Compressor): Promise<string> {
  const text = `${key.seed} ${key.bug ?? ''}\n${key.scenario}`;
  const data = toBase64(await by.deflate(encodeUtf8(text)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
  return `#${version}.${code}.${data}`;
}

/** `null`: the address has no fragment. */
export async function openFragment(
  fragment: string,
  code: string,
  by: Compressor,
): Promise<OpenedLink | null> {
  const text = fragment.replace(/^#/, '');
  if (text === '') return null;
  if (text.length > fragmentCharactersMax) return problem('This link is too long to be one.');
  const [ofVersion, ofCode, data, ...surplus] = text.split('.');
  if (data === undefined || surplus.length > 0 || !/^\w{1,64}$/.test(ofCode ?? '')) {
    return problem('This link is not one of the laboratory, or a part of it is missing.');
  }
  if (ofVersion !== version) {
    return problem(
      'This link was made by another version of the laboratory, which writes them otherwise.',
    );
  }
  const bytes = bytesOf(data);
  const whole = bytes === null ? null : await inflated(bytes, by);
  if (whole === null)
    return problem('This link is damaged: a part of it was lost or changed on its way.');
  if (whole.length > scenarioBytesMax) return problem('The scenario in this link is too long.');
  const key = keyIn(decodeUtf8(whole));
  if (typeof key === 'string') return problem(key);
  return { type: 'run', key, isOfOtherCode: ofCode !== code };
}

const problem = (message: string): OpenedLink => ({ type: 'problem', message });

async function inflated(bytes: Uint8Array, by: Compressor): Promise<Uint8Array | null> {
  try {
    return await by.inflate(bytes, scenarioBytesMax);
  } catch {
    return null;
  }
}

/** What is wrong with it, in a sentence, in its place. */
function keyIn(text: string | null): RunKey | string {
  const match = /^(\d{1,16}) ([\w-]*)\n([\s\S]*)$/.exec(text ?? '');
  const [, seed, bug = '', scenario = ''] = match ?? [];
  if (match === null || Number(seed) > seedMax) {
    return 'This link is damaged: what it holds is no run.';
  }
  if (bug !== '' && !bugs.some(({ name }) => name === bug)) {
    return `This link asks for a bug that this laboratory does not have: ${bug.slice(0, 64)}.`;
  }
  return { scenario, seed: Number(seed), bug: bug === '' ? null : bug };
}

/** `null`: it is no base64url. */
function bytesOf(text: string): Uint8Array | null {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return null;
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
