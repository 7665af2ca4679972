/** The one place that knows how a line of JSON is written. */
import type { EventType } from '../event.js';
import type { History, Kind } from '../history.js';
import { type WrittenLine, type WrittenStep, writtenLines } from '../written.js';

/** What not every line says, as JSON. */
export interface Extras {
  readonly actual?: string | undefined;
  readonly node?: string | undefined;
  readonly session?: string | undefined;
  readonly version?: string | undefined;
  readonly error?: string | undefined;
}

/** `key` and `value` are JSON; a transaction has no key. The order of the fields is the one that is fastest to read. */
export function jsonLine(
  process: number,
  type: EventType,
  f: Kind,
  key: string | undefined,
  value: string,
  time: number,
  extras = '',
): string {
  const of = key === undefined ? '' : `,"key":${key}`;
  return `{"process":${process},"type":"${type}","f":"${f}"${of},"value":${value},"time":${time}${extras}}\n`;
}

export function extrasOf({ actual, node, session, version, error }: Extras): string {
  let text = '';
  if (actual !== undefined) text += `,"actual":${actual}`;
  if (node !== undefined) text += `,"node":${node}`;
  if (session !== undefined) text += `,"session":${session}`;
  if (version !== undefined) text += `,"version":${version}`;
  if (error !== undefined) text += `,"error":${error}`;
  return text;
}

/** The history as JSON lines, each with its newline. */
export function* toJsonLines(history: History): Generator<string> {
  for (const line of writtenLines(history)) {
    const { process, type, f, key, value, time, actual, node, session, version } = line;
    const extras = extrasOf({
      actual: actual === undefined ? undefined : JSON.stringify(actual),
      node: node === undefined ? undefined : JSON.stringify(node),
      session: session === undefined ? undefined : JSON.stringify(session),
      version: version === undefined ? undefined : JSON.stringify(version),
    });
    const keyJson = key === undefined ? undefined : JSON.stringify(key);
    yield jsonLine(process, type, f, keyJson, jsonOf(f, value), time, extras);
  }
}

function jsonOf(f: Kind, value: WrittenLine['value']): string {
  if (f !== 'txn') return JSON.stringify(value);
  const steps = value as readonly WrittenStep[];
  return JSON.stringify(steps.map((step) => [step.f, step.key, step.value]));
}
