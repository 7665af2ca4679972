import { afterEach, describe, expect, it } from 'vitest';
import { KvxError } from '../core/errors.js';
import { Interruption } from './interruption.js';

let interruption: Interruption;
afterEach(() => interruption.end());

/** As the system would, but without the system. */
const interrupt = (): void => {
  process.emit('SIGINT');
};

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

describe('an interruption', () => {
  it('leaves alone what ends by itself', async () => {
    interruption = new Interruption();
    expect(await interruption.guard(async () => 7)).toBe(7);
    const failing = interruption.guard(async () => {
      throw new Error('its own');
    });
    await expect(failing).rejects.toThrow('its own');
  });

  it('waits for the work to clean up', async () => {
    interruption = new Interruption();
    let cleaned = false;
    const working = interruption.guard(async (signal) => {
      await untilAborted(signal);
      await new Promise(setImmediate);
      cleaned = true;
    });
    interrupt();
    await expect(working).rejects.toMatchObject({ code: 'interrupted', definite: false });
    expect(cleaned).toBe(true);
  });

  it('is as definite as what the work ended with', async () => {
    interruption = new Interruption();
    const working = interruption.guard(async (signal) => {
      await untilAborted(signal);
      throw new KvxError('nothing was sent', { code: 'unavailable', definite: true });
    });
    interrupt();
    await expect(working).rejects.toMatchObject({ code: 'interrupted', definite: true });
  });

  it('says what the work says is to be done about what it left', async () => {
    interruption = new Interruption();
    const hint = 'Run it again to see it through.';
    const working = interruption.guard(async (signal) => {
      await untilAborted(signal);
      throw new KvxError('it is not known', { code: 'disconnected', definite: false, hint });
    });
    interrupt();
    await expect(working).rejects.toMatchObject({ code: 'interrupted', definite: false, hint });
  });

  it('happens once: the next signal is the system’s again', () => {
    const before = process.listenerCount('SIGINT');
    interruption = new Interruption();
    expect(process.listenerCount('SIGINT')).toBe(before + 1);
    interrupt();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });

  it('stops work that nothing can end any more, lets it clean up, and calls it a bug', async () => {
    interruption = new Interruption();
    let cleaned = false;
    const working = interruption.guard(async (signal) => {
      await untilAborted(signal);
      cleaned = true;
    });
    process.emit('beforeExit', 0);
    await expect(working).rejects.toMatchObject({ code: 'bug', definite: false });
    expect(cleaned).toBe(true);
  });
});
