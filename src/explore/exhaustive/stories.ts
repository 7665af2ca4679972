/** What a client was told, and how much had ended when it asked: equal stories have one number. */
import { keyFromBytes } from '../../core/key.js';
import { type ClientResult, resultShape } from '../../core/operation.js';
import { encodeAs } from '../../runtime/cbor.js';

/** `ended`: of each client's operations. */
export type StoryPart =
  | { readonly ended: readonly number[] }
  | { readonly told: ClientResult | null };

interface Story {
  readonly before: number;
  readonly part: StoryPart;
}

/** Of who has asked nothing yet. */
export const noStory = 0;

export class Stories {
  readonly #all: (Story | null)[] = [null];
  readonly #numbers = new Map<string, number>();

  numberOf(before: number, part: StoryPart): number {
    const text = `${before} ${'ended' in part ? `after ${part.ended.join()}` : answerText(part.told)}`;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#all.length);
    return this.#all.push({ before, part }) - 1;
  }

  /** `null`: nothing was asked. */
  at(number: number): Story | null {
    return this.#all[number] ?? null;
  }
}

export const answerText = (told: ClientResult | null): string =>
  told === null ? 'none' : keyFromBytes(encodeAs(resultShape, told));
