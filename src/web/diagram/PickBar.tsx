import type { Touch } from '../../lab/decisions.js';
import { noEvent } from '../../trace/lanes.js';
import { Button } from '../parts/Button.js';
import { eventOf } from './picking.js';
import type { DiagramPick, Scene } from './scene.js';
import { messageOf } from './touching.js';

interface PickBarProps {
  readonly scene: Scene;
  readonly selected: DiagramPick | null;
  /** What is selected, else what has just happened. */
  readonly subject: DiagramPick | null;
  readonly text: string;
  readonly delayMs: number;
  readonly setDelayMs: (ms: number) => void;
  readonly onPick: (pick: DiagramPick | null) => void;
  readonly onZoomTo: (pick: DiagramPick) => void;
  readonly onTouch: ((touch: Touch) => void) | undefined;
  /** Makes the event the one that has just happened; left out where nothing is played. */
  readonly onSeek: ((event: number) => void) | undefined;
}

/** What it says, and what can be done to it. Always there: lanes must not move under a pointer that selects something. */
export function PickBar(props: PickBarProps) {
  const { scene, selected, subject, text, onPick, onZoomTo, onTouch, onSeek } = props;
  if (subject === null) return <div class="pick-bar no-print muted">{pickHint}</div>;
  const message = messageOf(scene, subject);
  const event = eventOf(scene.index, subject);
  return (
    <div class="pick-bar no-print">
      <pre class="pick-text">{text}</pre>
      <div class="pick-acts">
        {message !== null && onTouch !== undefined && (
          <MessageActs {...props} message={message} onTouch={onTouch} />
        )}
        {message !== null && <EndActs {...props} message={message} />}
        {event !== null && <Button onClick={() => onZoomTo(subject)}>Zoom</Button>}
        {event !== null && selected !== null && onSeek !== undefined && (
          <Button title="Play from here" onClick={() => onSeek(event)}>
            Go there
          </Button>
        )}
        {selected !== null && (
          <Button
            look="quiet"
            aria-label="Select nothing"
            title="Select nothing (Escape)"
            onClick={() => onPick(null)}
          >
            ✕
          </Button>
        )}
      </div>
    </div>
  );
}

const pickHint = 'Select a sign, an arrow, a bar or a node to read all about it.';

type MessageProps = PickBarProps & { readonly message: number };

function EndActs({ scene, subject, message, onPick }: MessageProps) {
  const { sent, delivered } = scene.index.lanes.messages;
  const ends = [
    { event: sent[message] ?? noEvent, words: 'Sending' },
    { event: delivered[message] ?? noEvent, words: 'Delivery' },
  ];
  return ends
    .filter(({ event }) => event !== noEvent)
    .filter(({ event }) => !(subject?.type === 'event' && subject.event === event))
    .map(({ event, words }) => (
      <Button key={words} onClick={() => onPick({ type: 'event', event })}>
        {words}
      </Button>
    ));
}

function MessageActs({
  scene,
  message,
  delayMs,
  setDelayMs,
  onTouch,
}: MessageProps & { readonly onTouch: (touch: Touch) => void }) {
  const { messages, names, events } = scene.index.lanes;
  const from = names[messages.from[message] ?? 0] ?? '';
  const to = names[messages.to[message] ?? 0] ?? '';
  const after = Math.max(0, (messages.sent[message] ?? 1) - 1);
  return (
    <>
      <Button title="Lose it (x)" onClick={() => onTouch({ type: 'lose', message })}>
        Lose <kbd>x</kbd>
      </Button>
      <Button title="Let it come twice (d)" onClick={() => onTouch({ type: 'double', message })}>
        Double <kbd>d</kbd>
      </Button>
      <span class="pick-delay">
        <Button
          title="Let it come so much later (l)"
          onClick={() => onTouch({ type: 'delay', message, byMs: delayMs })}
        >
          Later <kbd>l</kbd>
        </Button>
        <input
          class="field"
          type="number"
          min="0.001"
          step="any"
          aria-label="Milliseconds later"
          value={delayMs}
          onChange={({ currentTarget }) => {
            const ms = currentTarget.valueAsNumber;
            if (ms > 0) setDelayMs(ms);
          }}
        />
        ms
      </span>
      {events.count > 0 && (
        <Button onClick={() => onTouch({ type: 'cut', after, from, to })}>
          Cut {from}→{to}
        </Button>
      )}
    </>
  );
}
