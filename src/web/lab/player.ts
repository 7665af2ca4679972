/** Moves the cursor on while the run is played. */
import type { LabStore } from './store.js';

export function startPlayer(store: LabStore): void {
  let lastMs: number | null = null;
  let owed = 0;
  let isAsked = false;
  const frame = (nowMs: number): void => {
    isAsked = false;
    const { isPlaying, speed } = store.state;
    if (!isPlaying) {
      lastMs = null;
      owed = 0;
      return;
    }
    // A page that was in the background does not catch up.
    owed += (Math.min(nowMs - (lastMs ?? nowMs), 250) * speed) / 1000;
    lastMs = nowMs;
    const events = Math.floor(owed);
    owed -= events;
    if (events > 0) store.playOn(events);
    ask();
  };
  const ask = (): void => {
    if (isAsked || !store.state.isPlaying) return;
    isAsked = true;
    requestAnimationFrame(frame);
  };
  store.subscribe(ask);
}
