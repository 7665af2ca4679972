/** What each node holds at the cursor, with what the last event has changed. */
import type { NodeId } from '../../core/ids.js';
import type { StatePlayer } from '../../lab/player.js';
import { type StatePart, type StateValue, valuesOf } from './state-values.js';
import { type LabStore, useLab } from './store.js';

/** Of one part; those that have just changed are shown in any case. */
const valuesMax = 14;

export function NodeStates({ store }: { readonly store: LabStore }) {
  const recording = useLab(store, (state) => state.recording);
  const cursor = useLab(store, (state) => state.cursor);
  const { player } = store;
  if (recording === null || player === null) return null;
  const { lanes, nodes } = recording;
  const lane = cursor < 0 ? undefined : lanes.events.lane[cursor];
  const nowMs = cursor < 0 ? 0 : (lanes.events.atMs[cursor] as number);
  return (
    <section class="nodes" aria-label="State of nodes">
      {nodes.map((node) => (
        <NodeCard
          key={node}
          node={node}
          player={player}
          nowMs={nowMs}
          isActive={lane !== undefined && lanes.names[lane] === node}
          label={lane !== undefined && lanes.names[lane] === node ? lanes.labelOf(cursor) : ''}
        />
      ))}
    </section>
  );
}

interface NodeCardProps {
  readonly node: NodeId;
  readonly player: StatePlayer;
  readonly nowMs: number;
  readonly isActive: boolean;
  /** Of the event that has just happened there. */
  readonly label: string;
}

function NodeCard({ node, player, nowMs, isActive, label }: NodeCardProps) {
  const about = valuesOf(player, node, 'node');
  const named = (name: string) => about.find((each) => each.name === name);
  const state = named('state');
  const isUp = state?.value === 'up';
  const rest = about.filter(({ name }) => name !== 'state' && name !== 'role');
  return (
    <article class={`node-card${isActive ? ' active' : ''}${isUp ? '' : ' down'}`}>
      <header>
        <b class="mono">{node}</b>
        <Role value={named('role')} />
        <span class="node-event mono">{label}</span>
        <State value={state} />
      </header>
      <Values values={valuesOf(player, node, 'keys')} part="keys" />
      <Values values={[...rest, ...valuesOf(player, node, 'facts')]} part="facts" />
      <p class="pills">
        {shortened(valuesOf(player, node, 'disk')).map((each) => (
          <DiskPill key={each.name} {...each} />
        ))}
        {shortened(valuesOf(player, node, 'timers')).map((each) => (
          <TimerPill key={each.name} {...each} nowMs={nowMs} />
        ))}
      </p>
    </article>
  );
}

function Role({ value }: { readonly value: StateValue | undefined }) {
  return value?.value === undefined || value.value === null ? null : (
    <span class={changedClass('role', value)}>{value.value}</span>
  );
}

function State({ value }: { readonly value: StateValue | undefined }) {
  const word = value?.value ?? 'not there';
  const look = word === 'up' ? 'good' : word.startsWith('paused') ? 'warn' : 'bad';
  return <span class={`pill ${look}`}>{word}</span>;
}

function Values({
  values,
  part,
}: {
  readonly values: readonly StateValue[];
  readonly part: StatePart;
}) {
  if (values.length === 0) return null;
  // What there is none of is said when that is news.
  const shown = shortened(values.filter((each) => each.value !== '0' || isChanged(each)));
  return (
    <dl class={`values values-${part}`}>
      {shown.map((each) => (
        <div key={each.name} class={changedClass('value', each)}>
          <dt>{each.name}</dt>
          <dd class="mono" title={each.value ?? ''}>
            {each.before !== undefined && each.before !== null && <s>{each.before}</s>}
            <Valued text={each.value ?? ''} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A version stands behind its value, in brackets. */
function Valued({ text }: { readonly text: string }) {
  const [, value = text, version] = /^(.*) \((\S+)\)$/s.exec(text) ?? [];
  return (
    <>
      {value}
      {version !== undefined && <small class="muted"> {version}</small>}
    </>
  );
}

const isChanged = ({ before }: StateValue): boolean => before !== undefined;

const changedClass = (name: string, value: StateValue): string =>
  isChanged(value) ? `${name} changed` : name;

function shortened(values: readonly StateValue[]): readonly StateValue[] {
  if (values.length <= valuesMax) return values;
  const news = values.filter(isChanged);
  const olds = values.filter((each) => !isChanged(each));
  return [...news, ...olds.slice(0, Math.max(0, valuesMax - news.length))];
}

function DiskPill(value: StateValue) {
  const isDurable = value.name === 'durable';
  if (value.value === null) return null;
  const look = isDurable ? '' : ' warn';
  return (
    <span
      class={`pill${look} ${changedClass('disk', value)}`}
      title={`${value.name}: ${value.value}`}
    >
      {isDurable
        ? `${value.value.replace(/^1 records/, '1 record')} on disk`
        : `${value.name}: ${value.value}`}
    </span>
  );
}

function TimerPill({ nowMs, ...value }: StateValue & { readonly nowMs: number }) {
  if (value.value === null) return null;
  const due = /^due at ([\d.]+) ms$/.exec(value.value)?.[1];
  const left =
    due === undefined ? value.value : `${Math.max(0, Number(due) - nowMs).toFixed(0)} ms`;
  return (
    <span class={`pill timer ${changedClass('timer', value)}`} title={value.value}>
      {value.name} <b>{left}</b>
    </span>
  );
}
