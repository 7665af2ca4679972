import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { KvxError } from '../../core/errors.js';
import type { Millis } from '../../core/ids.js';
import { eventText, type ProtocolEvent } from '../../core/protocol-event.js';
import { printableLines } from '../../core/show.js';
import { systemClock } from '../../node/clock.js';
import type { Reply } from '../../runtime/outbox.js';
import { makePrivateFolder } from './files.js';

/** How much is kept of what is written on and on. */
export interface KeptBytes {
  readonly fileBytesMax: number;
  readonly oldFilesMax: number;
}

export const logLimits = { fileBytesMax: 1024 * 1024, oldFilesMax: 3 } as const;

/**
 * A file that only grows at its end, and is bounded. Past its size it is copied to `<file>.1` (and so on) and cut, not
 * renamed: a process's own standard error may point at the same file, and must go on ending up there.
 */
export class RotatingFile {
  /** For a child's standard output and error. */
  readonly descriptor: number;
  readonly #file: string;
  readonly #kept: KeptBytes;

  constructor(file: string, kept: KeptBytes) {
    makePrivateFolder(dirname(file));
    this.#file = file;
    const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
    this.descriptor = openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
    this.#kept = kept;
  }

  /** All of it or nothing: a node must not die of what can't be written. A full disk shows in its journal. */
  append(text: string): void {
    const bytes = Buffer.byteLength(text);
    try {
      let { size } = fstatSync(this.descriptor);
      if (size > 0 && size + bytes > this.#kept.fileBytesMax) {
        this.#rotate();
        size = 0;
      }
      if (writeSync(this.descriptor, text) < bytes) ftruncateSync(this.descriptor, size);
    } catch {
      // Then it is missing.
    }
  }

  close(): void {
    closeSync(this.descriptor);
  }

  #rotate(): void {
    for (let age = this.#kept.oldFilesMax - 1; age >= 1; age--) {
      try {
        renameSync(`${this.#file}.${age}`, `${this.#file}.${age + 1}`);
      } catch {
        // Not that many old files yet.
      }
    }
    copyFileSync(this.#file, `${this.#file}.1`);
    ftruncateSync(this.descriptor, 0);
  }
}

export type LogLevel = 'info' | 'warn' | 'error';

/** A log of one line an event: time, level, what happened. */
export class NodeLog extends RotatingFile {
  constructor(file: string, kept: KeptBytes = logLimits) {
    super(file, kept);
  }

  info(event: string): void {
    this.#write('info', event);
  }

  warn(event: string): void {
    this.#write('warn', event);
  }

  error(event: string): void {
    this.#write('error', event);
  }

  #write(level: LogLevel, event: string): void {
    const text = printableLines(event).replaceAll('\n', '\n  ');
    this.append(`${new Date().toISOString()} ${level.padEnd(5)} ${text}\n`);
  }
}

/** The last lines of a log, also of what it was before it was cut; none when there is none. */
export function tailOf(file: string, lines: number): string[] {
  const now = linesOf(file);
  const before = now.length < lines ? linesOf(`${file}.1`) : [];
  return lines === 0 ? [] : [...before, ...now].slice(-lines);
}

function linesOf(file: string): string[] {
  try {
    // A log is bounded, so reading all of it is, too.
    const text = readFileSync(file, 'utf8').trimEnd();
    return text === '' ? [] : text.split('\n');
  } catch {
    return [];
  }
}

/** One event of a log, with its further lines. */
export interface LoggedLine {
  /** ISO 8601; empty of what others wrote into the log, such as the stack trace of a crash. */
  readonly time: string;
  readonly level: string;
  readonly text: string;
}

const lineForm = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (\w+) +(.*)$/;

/** Lines that a log begins an entry with begin one here; others belong to the one before. */
export function logEntriesOf(lines: readonly string[]): LoggedLine[] {
  const entries: LoggedLine[] = [];
  for (const line of lines) {
    const [, time, level = '', text = ''] = lineForm.exec(line) ?? [];
    const last = entries.at(-1);
    if (time !== undefined) entries.push({ time, level, text });
    else if (last === undefined) entries.push({ time: '', level: '', text: line });
    else entries[entries.length - 1] = { ...last, text: `${last.text}\n${line}` };
  }
  return entries;
}

/** What a log should say of an error: its message, and where it came from unless a user can meet it. */
export function errorText(error: unknown): string {
  if (error instanceof KvxError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

export const logRate = { linesMax: 20, windowMs: 10_000 } as const;

/**
 * Writes at most so many lines in each window of time, and how many it left out: what strangers can cause as often as they
 * like must not push everything else out of the log.
 */
export function limited(
  write: (event: string) => void,
  now: () => Millis = systemClock.now,
): (event: string) => void {
  let windowEnds = Number.NEGATIVE_INFINITY;
  let lines = 0;
  let leftOut = 0;
  return (event) => {
    const at = now();
    if (at >= windowEnds) {
      if (leftOut > 0) write(`left out ${leftOut} more such lines`);
      windowEnds = at + logRate.windowMs;
      lines = 0;
      leftOut = 0;
    }
    if (lines < logRate.linesMax) write(event);
    else leftOut++;
    lines++;
  };
}

/**
 * Writes what happens in a node's protocol into its log. Each kind of event has a share of its own: thousands of repairs
 * must not push an election out.
 */
export function eventLog(log: NodeLog) {
  const writers = new Map<string, (event: string) => void>();
  const refused = limited((event) => log.warn(event));
  return {
    add(event: ProtocolEvent): void {
      const write = writers.get(event.what) ?? limited((text) => log.info(text));
      writers.set(event.what, write);
      write(eventText(event));
    },
    /** What clients were refused because of how the cluster is, not of what they asked. */
    addReplies(replies: readonly Reply[]): void {
      for (const { result } of replies) {
        if (result.type !== 'error' || result.code === 'bad-request') continue;
        refused(`a request failed (${result.code}): ${result.message}`);
      }
    },
  };
}
