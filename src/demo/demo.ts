import type { Millis } from '../core/ids.js';
import { type DemoCommand, type DemoStep, demoScript } from './script.js';
import { behavedAsTold, type Typed, Typist } from './typist.js';

/** Told as it happens. */
export interface DemoListener {
  onBegin(): void;
  onStep(step: DemoStep, number: number, count: number): void;
  /** About to be typed. */
  onCommand(line: string): void;
  onTyped(typed: Typed, asTold: boolean): void;
  onLesson(step: DemoStep): void;
}

export interface DemoReport {
  /** Every command behaved as told. */
  readonly asTold: boolean;
  readonly steps: readonly {
    readonly title: string;
    readonly commands: readonly (Typed & { readonly asTold: boolean })[];
    readonly lesson: string;
  }[];
  readonly tookMs: Millis;
}

/**
 * Plays the demo in a home of its own and leaves nothing behind, whatever happens. Stops at the first command that
 * does not behave as told: what would be said next would not be true.
 */
export async function playDemo(
  program: string,
  listener: DemoListener,
  signal: AbortSignal,
): Promise<DemoReport> {
  const begin = performance.now();
  const typist = new Typist(program, signal);
  const steps: DemoReport['steps'][number][] = [];
  listener.onBegin();
  let asTold = true;
  try {
    for (const [at, step] of demoScript.entries()) {
      listener.onStep(step, at + 1, demoScript.length);
      const commands: (Typed & { asTold: boolean })[] = [];
      steps.push({ title: step.title, commands, lesson: step.lesson });
      for (const command of step.commands) {
        const typed = await typeCommand(typist, command, listener);
        commands.push(typed);
        asTold &&= typed.asTold;
        if (!asTold) break;
      }
      if (!asTold) break;
      listener.onLesson(step);
    }
  } finally {
    await typist.cleanUp();
  }
  return { asTold, steps, tookMs: performance.now() - begin };
}

async function typeCommand(
  typist: Typist,
  command: DemoCommand,
  listener: DemoListener,
): Promise<Typed & { asTold: boolean }> {
  listener.onCommand(['kvx', ...command.args].join(' '));
  const typed = await typist.type(command);
  const asTold = behavedAsTold(command, typed);
  listener.onTyped(typed, asTold);
  return { ...typed, asTold };
}
