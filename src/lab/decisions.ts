/**
 * What somebody decides in the laboratory, as a line of the scenario: `at 12.345ms fault drop n1>n2 --nth 3`.
 *
 * A run is a function of its scenario and seed. So a decision is no state of its own: the line is put into the scenario, and
 * the run goes as before up to that moment.
 */
import { parseDuration } from '../config/duration.js';
import type { Millis, NodeId } from '../core/ids.js';
import { type Lanes, laneEventKinds, type MessageFate, messageFates } from '../trace/lanes.js';
import type { Recording } from './recording.js';

/** `message`: its number in {@link Lanes.messages}. `after`: the event of {@link Lanes.events} after which it comes. */
export type Touch =
  | { readonly type: 'lose' | 'double'; readonly message: number }
  | { readonly type: 'delay'; readonly message: number; readonly byMs: Millis }
  | ({ readonly type: 'cut' | 'cut both ways'; readonly after: number } & Between)
  | { readonly type: 'heal'; readonly after: number }
  | { readonly type: NodeTouch; readonly after: number; readonly node: NodeId }
  | {
      readonly type: 'clock';
      readonly after: number;
      readonly node: NodeId;
      /** Of the true time; negative: behind it. */
      readonly aheadMs: Millis;
    };

interface Between {
  readonly from: NodeId;
  readonly to: NodeId;
}

export type NodeTouch = 'kill' | 'cut power' | 'pause' | 'resume' | 'restart' | 'isolate';

type OfMessage = Extract<Touch, { readonly message: number }>;

const isOfMessage = (touch: Touch): touch is OfMessage => 'message' in touch;

/** How finely lines tell time. */
const stepMs: Millis = 0.001;

/** The line that does it. What can't be done has {@link problemOf}. */
export function lineOf(touch: Touch, recording: Recording): string {
  const { lanes } = recording;
  if (!isOfMessage(touch)) {
    return `at ${timeWords(afterMs(lanes, touch.after))} ${commandOf(touch)}`;
  }
  const { atMs, nth } = placeOnLink(recording, touch.message);
  const { from, to } = endsOf(lanes, touch.message);
  const rest = `--nth ${nth}`;
  const link = `"${from}>${to}"`;
  const fault = {
    lose: `drop ${link} ${rest}`,
    double: `duplicate ${link} ${rest}`,
    delay: `delay ${link} ${touch.type === 'delay' ? timeWords(touch.byMs) : ''} ${rest}`,
  };
  return `at ${timeWords(atMs)} fault ${fault[touch.type]}`;
}

/** Why it can't be done, in a sentence; `null`: it can. */
export function problemOf(touch: Touch, recording: Recording): string | null {
  const { lanes } = recording;
  const event = isOfMessage(touch) ? lanes.messages.sent[touch.message] : touch.after;
  if (event === undefined || event >= lanes.events.count) return 'There is no such moment.';
  if (event < firstEvent(recording)) {
    return 'The cluster is still starting then: decide about something later.';
  }
  const isLost = isOfMessage(touch) && fateOfMessage(lanes, touch.message) === 'lost';
  return isLost ? 'It is lost already.' : null;
}

/** As people say it: `n1→n2 accept lost at 3.2 ms`. */
export function touchWords(touch: Touch, { lanes }: Recording): string {
  const at = (event: number): string => `at ${shortMs(sinceBegin(lanes, event))}`;
  if (isOfMessage(touch)) {
    const { message } = touch;
    const { from, to } = endsOf(lanes, message);
    const type = lanes.types[lanes.messages.type[message] as number] ?? 'message';
    const what = {
      lose: 'lost',
      double: 'doubled',
      delay: touch.type === 'delay' ? `${shortMs(touch.byMs)} later` : '',
    };
    const sent = lanes.messages.sent[message] as number;
    return `${from}→${to} ${type} ${what[touch.type]} ${at(sent)}`;
  }
  return `${happened(touch)} ${at(touch.after)}`;
}

function happened(touch: Exclude<Touch, OfMessage>): string {
  switch (touch.type) {
    case 'cut':
      return `${touch.from}→${touch.to} cut`;
    case 'cut both ways':
      return `${touch.from}↔${touch.to} cut`;
    case 'heal':
      return 'all healed';
    case 'clock':
      return `clock of ${touch.node} ${signed(touch.aheadMs)}`;
    default:
      return `${touch.node} ${doneTo[touch.type]}`;
  }
}

const doneTo: Readonly<Record<NodeTouch, string>> = {
  kill: 'killed',
  'cut power': 'without power',
  pause: 'paused',
  resume: 'resumed',
  restart: 'restarted',
  isolate: 'isolated',
};

function commandOf(touch: Exclude<Touch, OfMessage>): string {
  switch (touch.type) {
    case 'cut':
      return `fault cut "${touch.from}>${touch.to}"`;
    case 'cut both ways':
      return `fault cut ${touch.from}-${touch.to}`;
    case 'heal':
      return 'fault heal';
    case 'clock':
      return `fault clock ${touch.node} ${signed(touch.aheadMs)}`;
    case 'isolate':
      return `fault isolate ${touch.node}`;
    case 'cut power':
      return `node kill ${touch.node} --power`;
    default:
      return `node ${touch.type} ${touch.node}`;
  }
}

const signed = (ms: Millis): string => `${ms < 0 ? '-' : '+'}${timeWords(Math.abs(ms))}`;

const timeWords = (ms: Millis): string => `${Number(ms.toFixed(3))}ms`;

const shortMs = (ms: Millis): string => `${Number(ms.toFixed(ms < 100 ? 1 : 0))} ms`;

const sinceBegin = (lanes: Lanes, event: number): Millis =>
  lanes.beginMs + (lanes.events.atMs[event] as number);

/** The first step of time that is surely past the event. */
const afterMs = (lanes: Lanes, event: number): Millis =>
  (Math.floor(sinceBegin(lanes, event) / stepMs) + 1) * stepMs;

const fateOfMessage = ({ messages }: Lanes, message: number): MessageFate | undefined =>
  messageFates[messages.fate[message] as number];

function endsOf(lanes: Lanes, message: number): Between {
  const { from, to } = lanes.messages;
  const nameAt = (lane: number | undefined): NodeId => lanes.names[lane ?? -1] ?? '';
  return { from: nameAt(from[message]), to: nameAt(to[message]) };
}

/** The first event after the start of the cluster: then lines that begin with `at` are read. */
function firstEvent({ key, lanes, output }: Recording): number {
  const up = key.scenario.split('\n').findIndex(isUp) + 1;
  const told = up === 0 ? undefined : output.filter(({ line }) => line === up).at(-1);
  if (told !== undefined) return told.event;
  return Math.max(0, lanes.events.kind.indexOf(laneEventKinds.indexOf('call')));
}

/**
 * A moment shortly before the message left, and which one it is of those that leave from then on. Nothing else leaves on its
 * link at the very moment: it would be anybody's guess whether it counts.
 */
function placeOnLink(recording: Recording, message: number): { atMs: Millis; nth: number } {
  const { lanes } = recording;
  const { from, to, sent } = lanes.messages;
  const first = firstEvent(recording);
  const onLink: number[] = [];
  for (let each = 0; each <= message; each++) {
    const isOnLink = from[each] === from[message] && to[each] === to[message];
    const event = sent[each] as number;
    if (isOnLink && event >= first) onLink.push(sinceBegin(lanes, event));
  }
  let step = Math.floor((onLink.at(-1) as number) / stepMs);
  while (step > 0 && onLink.some((sentMs) => Math.abs(sentMs - step * stepMs) < stepMs / 1000))
    step--;
  const atMs = step * stepMs;
  return { atMs, nth: onLink.filter((sentMs) => sentMs >= atMs).length };
}

const isUp = (line: string): boolean => /^\s*(?:\$\s+)?(?:kvx\s+)?cluster\s+up\b/.test(line);

/** When a line that begins with `at` does something; `null`: it is no such line. */
function timeOf(line: string): Millis | null {
  const time = /^\s*at\s+(\S+)\s+\S/.exec(line)?.[1];
  return time === undefined ? null : parseDuration(time);
}

/** The lines of a scenario that begin with `at`, as they stand there. */
export const decisionsIn = (scenario: string): readonly string[] =>
  scenario
    .split('\n')
    .filter((line) => timeOf(line) !== null)
    .map((line) => line.trim());

/** The scenario with the line after the start of its cluster, those of one kind in order of time. Twice is as once. */
export function withDecision(scenario: string, line: string): string {
  if (decisionsIn(scenario).includes(line)) return scenario;
  const lines = scenario.split('\n');
  const up = lines.findIndex(isUp);
  let at = up >= 0 ? up + 1 : lines.findIndex((each) => !/^\s*(#|$)/.test(each));
  if (at < 0) at = lines.length;
  const time = timeOf(line) ?? 0;
  for (let next = timeOf(lines[at] ?? ''); next !== null && next <= time; ) {
    next = timeOf(lines[++at] ?? '');
  }
  return lines.toSpliced(at, 0, line).join('\n');
}
