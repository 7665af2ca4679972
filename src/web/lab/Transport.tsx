/** Play, step and scrub: where in the run the page is. */
import { useMemo, useRef } from 'preact/hooks';
import type { Recording } from '../../lab/recording.js';
import { laneEventKinds } from '../../trace/lanes.js';
import { Button } from '../parts/Button.js';
import { Icon } from '../parts/Icon.js';
import { type StopKind, stopKinds } from './stepping.js';
import { type LabStore, speeds, useLab } from './store.js';

const stopKeys: Readonly<Record<StopKind, readonly [back: string, on: string]>> = {
  event: ['←', '→'],
  message: ['k', 'j'],
  verdict: ['p', 'n'],
};

export function Transport({ store }: { readonly store: LabStore }) {
  const recording = useLab(store, (state) => state.recording);
  const isPlaying = useLab(store, (state) => state.isPlaying);
  const speed = useLab(store, (state) => state.speed);
  if (recording === null) return null;
  const play = isPlaying ? 'Pause' : 'Play';
  return (
    <section class="transport panel" aria-label="Player">
      <ScrubBar store={store} recording={recording} />
      <div class="transport-row">
        <Button look="icon" title="Rewind (Home)" onClick={() => store.seek(-1)}>
          <Icon name="rewind" />
        </Button>
        <Button
          look="primary play"
          title={`${play} (space)`}
          aria-label={play}
          onClick={() => store.play(!isPlaying)}
        >
          <Icon name={isPlaying ? 'pause' : 'play'} />
        </Button>
        <select
          class="field"
          aria-label="Speed"
          title="Events a second"
          value={String(speed)}
          onChange={({ currentTarget }) => store.setSpeed(Number(currentTarget.value))}
        >
          {speeds.map((each) => (
            <option key={each} value={String(each)}>
              {each}/s
            </option>
          ))}
        </select>
        {stopKinds.map((kind) => (
          <StepButtons key={kind} store={store} kind={kind} />
        ))}
        <Clock store={store} recording={recording} />
      </div>
    </section>
  );
}

function StepButtons({ store, kind }: { readonly store: LabStore; readonly kind: StopKind }) {
  useLab(store, (state) => state.cursor);
  const [back, on] = stopKeys[kind];
  const button = (direction: 1 | -1, word: string, key: string) => (
    <Button
      look="icon"
      disabled={store.nextStop(kind, direction) === null}
      title={`${word} ${kind} (${key})`}
      onClick={() => store.step(kind, direction)}
    >
      <Icon name={direction === 1 ? 'next' : 'previous'} />
    </Button>
  );
  return (
    <fieldset class="steps">
      <legend class="only-heard">By {kind}</legend>
      {button(-1, 'Previous', back)}
      <span aria-hidden="true">{kind}</span>
      {button(1, 'Next', on)}
    </fieldset>
  );
}

interface OfRun {
  readonly store: LabStore;
  readonly recording: Recording;
}

function Clock({ store, recording: { lanes, durationMs } }: OfRun) {
  const cursor = useLab(store, (state) => state.cursor);
  const atMs = cursor < 0 ? 0 : (lanes.events.atMs[cursor] as number);
  return (
    <span class="clock mono">
      <b>{atMs.toFixed(3)}</b>
      <span class="muted">
        /{durationMs.toFixed(0)} ms
        <span class="wide-only">
          {' · '}
          <b>{(cursor + 1).toLocaleString('en')}</b>/{lanes.events.count.toLocaleString('en')}
        </span>
      </span>
    </span>
  );
}

interface Mark {
  readonly event: number;
  readonly kind: 'output' | 'fault' | 'fall' | 'failure';
  readonly title: string;
}

const faultKinds = ['fault begins', 'fault ends'].map((kind) =>
  laneEventKinds.indexOf(kind as (typeof laneEventKinds)[number]),
);
/** More would be a wall. */
const marksMax = 400;

function marksOf({ output, falls, lanes, failure }: Recording): Mark[] {
  const marks: Mark[] = output
    .filter(({ text }) => !text.startsWith('  '))
    .slice(0, marksMax)
    .map(({ event, text, isError }) => ({
      ...{ event: event - 1, title: text },
      kind: isError ? 'failure' : 'output',
    }));
  const { count, kind } = lanes.events;
  for (let event = 0; event < count && marks.length < 2 * marksMax; event++) {
    if (faultKinds.includes(kind[event] as number)) {
      marks.push({ event, kind: 'fault', title: lanes.labelOf(event) });
    }
  }
  for (const { event, model } of falls) {
    marks.push({ event, kind: 'fall', title: `${model} is violated` });
  }
  if (failure !== null) marks.push({ event: count - 1, kind: 'failure', title: failure });
  return marks;
}

/** Along events, not along time: of a second in which nothing happens there is nothing to see. */
function ScrubBar({ store, recording }: OfRun) {
  const cursor = useLab(store, (state) => state.cursor);
  const bar = useRef<HTMLDivElement>(null);
  const last = recording.lanes.events.count - 1;
  const marks = useMemo(() => marksOf(recording), [recording]);
  const shareOf = (event: number): number => (last < 0 ? 0 : (100 * (event + 1)) / (last + 1));
  const seekTo = ({ clientX }: PointerEvent): void => {
    const { left = 0, width = 1 } = bar.current?.getBoundingClientRect() ?? {};
    store.seek(Math.round(((clientX - left) / width) * (last + 1)) - 1);
  };
  return (
    <div
      class="scrub"
      ref={bar}
      role="slider"
      tabIndex={0}
      aria-label="Event"
      aria-valuemin={0}
      aria-valuemax={last + 1}
      aria-valuenow={cursor + 1}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        store.play(false);
        seekTo(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) seekTo(event);
      }}
    >
      <div class="scrub-done" style={{ width: `${shareOf(cursor)}%` }} />
      {marks.map(({ event, kind, title }, at) => (
        <i
          key={at}
          class={`mark mark-${kind}`}
          title={title}
          style={{ left: `${shareOf(event)}%` }}
        />
      ))}
      <div class="scrub-knob" style={{ left: `${shareOf(cursor)}%` }} />
    </div>
  );
}
