/** The longest legal order of a key, step by step, with what the key held after each; and what has no place in it. */
import type { Narrator } from '../../check/evidence/narrator.js';
import type { LegalOrder } from '../../check/legal-order.js';
import type { History } from '../../history/history.js';
import { Button } from '../parts/Button.js';
import { type OrderWalk, placesIn } from './use-legal-order.js';

interface LegalOrderPartProps {
  readonly history: History;
  readonly narrator: Narrator;
  readonly walk: OrderWalk;
  readonly isOn: boolean;
  readonly onGo: (place: number) => void;
  readonly onEnd: () => void;
}

/** Whoever has more keys finds them by the filters. */
const keysMax = 2000;

export function LegalOrderPart(props: LegalOrderPartProps) {
  const { history, walk, isOn, onGo, onEnd } = props;
  const { key, chooseKey, order } = walk;
  return (
    <div class={`order ${isOn ? 'is-on' : ''}`}>
      <div class="order-head">
        <h3>The longest legal order</h3>
        <label class="no-print">
          of key{' '}
          <select
            class="field"
            value={key}
            onChange={(event) => chooseKey(Number(event.currentTarget.value))}
          >
            {history.keys.slice(0, keysMax).map((name, at) => (
              <option key={name} value={at}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <span class="small">{order === undefined ? 'Looking for it…' : sumOf(order)}</span>
        {order != null && (
          <div class="buttons no-print">
            <StepButtons walk={walk} order={order} onGo={onGo} />
            {isOn && (
              <Button class="link" onClick={onEnd}>
                leave it
              </Button>
            )}
          </div>
        )}
      </div>
      {order != null && <Steps {...props} order={order} />}
    </div>
  );
}

function sumOf(order: LegalOrder | null): string {
  if (order === null) return 'There is none to be found: the key is no register.';
  const { steps, unplaced, laterCount, isWhole, doubt } = order;
  const placed = `${steps.length.toLocaleString('en-US')} operations are in it`;
  if (isWhole) return `${placed}: all that surely happened`;
  const not = `${unplaced.length.toLocaleString('en-US')} ${unplaced.length === 1 ? 'has' : 'have'} no place`;
  const later =
    laterCount > 0
      ? `, and ${laterCount.toLocaleString('en-US')} that came later none without`
      : '';
  const perhaps = doubt === null ? '' : ` (a longer one may exist: ${doubt})`;
  return `${placed}; ${not}${later}${perhaps}`;
}

interface StepButtonsProps {
  readonly walk: OrderWalk;
  readonly order: LegalOrder;
  readonly onGo: (place: number) => void;
}

function StepButtons({ walk: { place }, order, onGo }: StepButtonsProps) {
  const last = placesIn(order) - 1;
  const button = (sign: string, title: string, to: number) => (
    <Button look="icon" title={title} disabled={to < 0 || to > last} onClick={() => onGo(to)}>
      {sign}
    </Button>
  );
  return (
    <>
      {button('⇤', 'The first step (g)', 0)}
      {button('↑', 'The step before (k)', place - 1)}
      {button('↓', 'The next step (j)', place + 1)}
      {button('⇥', 'Where it ends (G)', Math.min(last, order.steps.length))}
      <input
        type="range"
        min={0}
        max={Math.max(0, last)}
        value={place}
        aria-label="Step of the order"
        onInput={(event) => onGo(Number(event.currentTarget.value))}
      />
    </>
  );
}

const before = 3;
const shown = 8;

function Steps({
  history,
  narrator,
  walk,
  order,
  onGo,
}: LegalOrderPartProps & { order: LegalOrder }) {
  const { place } = walk;
  const last = placesIn(order);
  const first = Math.max(0, Math.min(place - before, last - shown));
  const places = Array.from({ length: Math.min(shown, last - first) }, (_, at) => first + at);
  return (
    <ol class="steps">
      {places.map((each) => {
        const step = order.steps[each];
        const unplaced = order.unplaced[each - order.steps.length];
        const operation = (step ?? unplaced)?.operation ?? 0;
        return (
          <li key={each} class={step === undefined ? 'is-unplaced' : ''}>
            <button
              type="button"
              aria-current={each === place ? 'step' : undefined}
              onClick={() => onGo(each)}
            >
              <span class="step-number">{step === undefined ? '✗' : each + 1}</span>
              <span class="step-who">{narrator.who(operation)}</span>
              <span class="step-what mono">{narrator.label(operation)}</span>
              <span class="step-then">
                {step === undefined ? (
                  unplaced?.why
                ) : (
                  <>
                    {history.keys[walk.key]} = <strong>{shownValue(step.after)}</strong>
                  </>
                )}
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

const shownValue = (value: string | null): string => {
  if (value === null) return 'nothing';
  return value.length > 24 ? `${value.slice(0, 23)}…` : value;
};
