import type { Millis } from '../core/ids.js';
import type { Clock } from './ports.js';

/**
 * A replica's named timers on one alarm of the clock, however many there are.
 *
 * A timer that is due waits here until the next turn takes it with {@link takeDue}; setting or cancelling it before
 * then still counts, so a replica never sees a timer it has cancelled.
 */
export class Timers<Name extends string> {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  /** Those that no turn has taken yet, with their deadlines. */
  readonly pending = new Map<Name, Millis>();
  #alarmAt: Millis = Number.POSITIVE_INFINITY;
  #cancelAlarm: (() => void) | null = null;
  /** Since it was last set for the earliest; otherwise no timer is due before it, and most turns need not look for one. */
  #hasRung = false;

  /** `onDue` is called when at least one timer may be due. */
  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  set(name: Name, deadline: Millis): void {
    this.pending.set(name, deadline);
    if (deadline < this.#alarmAt) this.#arm(deadline);
  }

  cancel(name: Name): void {
    // The alarm stays: waking once for nothing is cheaper than arming it anew at every cancel.
    this.pending.delete(name);
  }

  /** Removes and returns the earliest timer due by `now`, or `null`. */
  takeDue(now: Millis): Name | null {
    if (now < this.#alarmAt && !this.#hasRung) return null;
    let due: Name | null = null;
    let earliest = Number.POSITIVE_INFINITY;
    for (const [name, deadline] of this.pending) {
      if (deadline <= now && deadline < earliest) {
        due = name;
        earliest = deadline;
      }
    }
    if (due !== null) this.pending.delete(due);
    return due;
  }

  clear(): void {
    this.pending.clear();
    this.#disarm();
  }

  /** Arms the alarm for the earliest timer again, after it rang and a turn has taken what was due. */
  rearm(): void {
    if (!this.#hasRung) return;
    this.#hasRung = false;
    let earliest = Number.POSITIVE_INFINITY;
    for (const deadline of this.pending.values()) earliest = Math.min(earliest, deadline);
    if (earliest < this.#alarmAt) this.#arm(earliest);
  }

  #arm(deadline: Millis): void {
    this.#disarm();
    this.#alarmAt = deadline;
    this.#cancelAlarm = this.#clock.at(deadline, () => {
      this.#alarmAt = Number.POSITIVE_INFINITY;
      this.#cancelAlarm = null;
      this.#hasRung = true;
      this.#onDue();
    });
  }

  #disarm(): void {
    this.#cancelAlarm?.();
    this.#cancelAlarm = null;
    this.#alarmAt = Number.POSITIVE_INFINITY;
  }
}
