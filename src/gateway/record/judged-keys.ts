/** Which keys a record can tell of, from when until when, and what of their past helps to read replies. */
import type { Key } from '../../core/key.js';
import type { HeldValue, KeyEffect } from './effects.js';

/** More are not judged: each takes memory for as long as the record lasts. */
const keysMax = 1_000_000;
const remarksMax = 1000;

/** The place of something in the order in which all began and ended. */
export type LogPlace = number;

export interface Remark {
  /** `null`: all keys. */
  readonly key: Key | null;
  readonly why: string;
  /** Nanoseconds since the record began. */
  readonly time: number;
}

interface KeyFacts {
  /** From there on nobody can tell what it holds. */
  spoiledFrom: LogPlace;
  mayBeAbsent: boolean;
  mayBeZero: boolean;
}

const never: LogPlace = Number.POSITIVE_INFINITY;
const zero = 0x30;
const minus = 0x2d;

export class JudgedKeys {
  readonly #facts = new Map<Key, KeyFacts>();
  #allSpoiledFrom = never;
  #wasFlushed = false;
  readonly remarks: Remark[] = [];
  /** Keys of which the record ends early, or says nothing. */
  spoiledCount = 0;

  get isOver(): boolean {
    return this.#allSpoiledFrom !== never;
  }

  *judgedAt(place: LogPlace): Generator<Key> {
    for (const key of this.#facts.keys()) if (this.isJudged(key, place)) yield key;
  }

  get judgedCount(): number {
    return this.#facts.size - this.spoiledCount;
  }

  /** Whether what it held at first must be asked before it is used. */
  isNew(key: Key): boolean {
    return !this.isOver && this.#facts.size < keysMax && !this.#facts.has(key);
  }

  /** It held this when its part of the record began. */
  add(key: Key, value: HeldValue): void {
    if (this.#facts.has(key)) return;
    const facts = { spoiledFrom: never, mayBeAbsent: value === null, mayBeZero: false };
    this.#facts.set(key, facts);
    if (value !== null) this.#noteValue(facts, value);
  }

  isJudged(key: Key, at: LogPlace): boolean {
    const spoiledFrom = this.#facts.get(key)?.spoiledFrom ?? 0;
    return at < Math.min(spoiledFrom, this.#allSpoiledFrom);
  }

  spoil(what: readonly Key[] | 'everything', from: LogPlace, why: string, time: number): void {
    if (what === 'everything') {
      if (from >= this.#allSpoiledFrom) return;
      this.#allSpoiledFrom = from;
      this.remarks.unshift({ key: null, why, time });
      return;
    }
    for (const key of what) this.#spoilOne(key, from, why, time);
  }

  #spoilOne(key: Key, from: LogPlace, why: string, time: number): void {
    const facts = this.#facts.get(key);
    if (facts === undefined && this.#facts.size >= keysMax) return;
    if ((facts?.spoiledFrom ?? never) === never) {
      this.spoiledCount++;
      if (this.remarks.length < remarksMax) this.remarks.push({ key, why, time });
    }
    if (facts !== undefined) facts.spoiledFrom = Math.min(facts.spoiledFrom, from);
    else this.#facts.set(key, { spoiledFrom: from, mayBeAbsent: true, mayBeZero: true });
  }

  /** Something is about to be written. */
  noteWrites(effects: readonly KeyEffect[]): void {
    for (const { key, left, appended } of effects) {
      const facts = this.#facts.get(key);
      if (facts === undefined) continue;
      if (left === null) facts.mayBeAbsent = true;
      else if (left !== undefined) this.#noteValue(facts, left);
      if (appended !== undefined) facts.mayBeZero = true;
    }
  }

  /** Something is about to be written that may be less than what was there. */
  noteLowering(keys: readonly Key[]): void {
    for (const key of keys) {
      const facts = this.#facts.get(key);
      if (facts !== undefined) facts.mayBeZero = true;
    }
  }

  /** All keys are about to be deleted, also those that come into use meanwhile. */
  noteFlush(): void {
    this.#wasFlushed = true;
  }

  /** What a number that was counted up from nothing or from zero was counted up from, if it can only have been one. */
  readonly firstNumber = (key: Key): KeyEffect['found'] => {
    const { mayBeAbsent = true, mayBeZero = true } = this.#facts.get(key) ?? {};
    if (!mayBeZero) return null;
    return mayBeAbsent || this.#wasFlushed ? undefined : Uint8Array.of(zero);
  };

  /** From below zero one counts up to it. */
  #noteValue(facts: KeyFacts, value: Uint8Array): void {
    if (value[0] === minus || (value[0] === zero && value.length === 1)) facts.mayBeZero = true;
  }
}
