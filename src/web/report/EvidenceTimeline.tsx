/** The smallest evidence, drawn: who did what when, what was broken meanwhile, and which of it should not have been. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { nanoseconds } from '../../check/evidence/time.js';
import type { Evidence } from '../../check/report.js';
import { Button } from '../parts/Button.js';
import { onResize } from '../parts/frame.js';
import {
  barHeight,
  type EvidenceBar,
  type EvidencePicture,
  layOutEvidence,
} from './evidence-layout.js';

interface EvidenceTimelineProps {
  readonly evidence: Evidence;
  /** Else numbers of lines stand for times. */
  readonly isTimed: boolean;
  readonly onPick: (operation: number) => void;
}

export function EvidenceTimeline({ evidence, isTimed, onPick }: EvidenceTimelineProps) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [wantsScale, setWantsScale] = useState<boolean | null>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    setWidth(element.clientWidth);
    return onResize(element, () => setWidth(element.clientWidth));
  }, []);
  const picture = width > 0 ? layOutEvidence(evidence, width, wantsScale) : null;
  const isToScale = picture?.isToScale ?? true;
  return (
    <div class="evidence-timeline" ref={place}>
      {picture !== null && <Picture {...{ picture, isTimed, onPick }} />}
      {isTimed ? (
        <p class="muted small">
          {isToScale ? 'Times to scale. ' : 'Long pauses are shortened; times stand above. '}
          <Button class="link no-print" onClick={() => setWantsScale(!isToScale)}>
            {isToScale ? 'Shorten pauses' : 'Draw to scale'}
          </Button>
        </p>
      ) : (
        <p class="muted small">The history has no times: what is left was before.</p>
      )}
    </div>
  );
}

interface PictureProps extends Pick<EvidenceTimelineProps, 'isTimed' | 'onPick'> {
  readonly picture: EvidencePicture;
}

function Picture({ picture, isTimed, onPick }: PictureProps) {
  const { width, height, gutter, rows, bars, faults, ticks } = picture;
  const isNarrow = gutter < 20;
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} class="evidence-svg">
      <title>The operations of the evidence as bars in time, a row a client</title>
      {faults.map(({ title, from, to, y }) => (
        <g key={title + from}>
          <rect
            class="fault-area"
            x={from}
            y={18}
            width={Math.max(2, to - from)}
            height={height - 18}
          />
          <text
            class="fault-title"
            x={Math.max(gutter, Math.min(from + 4, width - title.length * 6.8))}
            y={y + 14}
          >
            {title}
          </text>
        </g>
      ))}
      {ticks.map(({ x, label }) => (
        <g key={x}>
          <line class="tick" x1={x} x2={x} y1={18} y2={height} />
          <text class="tick-label" x={Math.min(x, width - label.length * 7)} y={12}>
            {isTimed && label}
          </text>
        </g>
      ))}
      {rows.map(({ who, y, height: high }) => (
        <text key={who} class="who" x={0} y={isNarrow ? y + 11 : y + high - barHeight / 2}>
          {who}
        </text>
      ))}
      {bars.map((bar) => (
        <Bar key={bar.number} {...{ bar, isTimed, onPick }} />
      ))}
    </svg>
  );
}

interface BarProps extends Pick<EvidenceTimelineProps, 'isTimed' | 'onPick'> {
  readonly bar: EvidenceBar;
}

function Bar({ bar, isTimed, onPick }: BarProps) {
  const { operation, number, from, to, y, label, labelX, labelY, isInside } = bar;
  const { isCulprit, outcome, f, invokedAt, returnedAt, who, node } = operation;
  const isOpen = returnedAt === null;
  const kind = f === 'get' ? 'is-read' : 'is-write';
  const words = `evidence-bar ${isCulprit ? 'is-culprit' : kind} is-${outcome}`;
  const took = isOpen ? ', end unknown' : `, took ${nanoseconds(returnedAt - invokedAt)}`;
  const title = `${number}: ${who}, ${operation.label}${node === null ? '' : ` at ${node}`}${isTimed ? took : ''}`;
  const middle = y + barHeight / 2;
  return (
    // biome-ignore lint/a11y/useSemanticElements: there are no buttons in SVG.
    <g
      class={words}
      role="button"
      tabIndex={0}
      aria-label={title}
      onClick={() => onPick(operation.index)}
      onKeyDown={({ key }) => key === 'Enter' && onPick(operation.index)}
    >
      <title>{title}</title>
      {isOpen ? (
        <path d={`M${to} ${y}H${from}v${barHeight}H${to}l-6 ${-barHeight / 2}z`} />
      ) : (
        <rect x={from} y={y} width={to - from} height={barHeight} rx={2} />
      )}
      {isCulprit && <path class="culprit-mark" d={`M${from - 7} ${y - 3}h14l-7 9z`} />}
      {outcome === 'fail' && !isInside && (
        <path class="cross" d={`M${from + 4} ${middle - 4}l8 8m0 -8l-8 8`} />
      )}
      <text class={isInside ? 'inside' : 'outside'} x={labelX} y={labelY}>
        {label}
      </text>
    </g>
  );
}
