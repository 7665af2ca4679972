import { useState } from 'preact/hooks';
import type { Touch } from '../../lab/decisions.js';
import type { Lanes } from '../../trace/lanes.js';
import { type Geometry, isTrack } from './geometry.js';
import { NodeMenu } from './NodeMenu.js';
import type { DiagramPick } from './scene.js';

interface LaneHeadsProps {
  readonly lanes: Lanes;
  readonly geometry: Geometry;
  readonly selected: DiagramPick | null;
  /** Where what is done to a node comes. */
  readonly after: number;
  readonly onPick: (pick: DiagramPick | null) => void;
  readonly onTouch: ((touch: Touch) => void) | undefined;
}

/** The names of lanes, each beside its own, and what can be done to a node. Dragged to another, a head cuts their link. */
export function LaneHeads(props: LaneHeadsProps) {
  const { lanes, geometry, onTouch } = props;
  const [open, setOpen] = useState<string | null>(null);
  return (
    <div class="lane-heads">
      {lanes.names.map((name, lane) => {
        const { from, size } = geometry.bands[lane] ?? { from: 0, size: 0 };
        const place = geometry.isVertical
          ? { left: `${from}px`, width: `${size}px` }
          : { top: `${from}px`, height: `${size}px` };
        const isNode = !isTrack(name);
        return (
          <div class="lane-head" key={name} data-lane={isNode ? name : undefined} style={place}>
            {isNode ? <NodeName {...props} node={name} /> : <span class="lane-track">{name}</span>}
            {isNode && onTouch !== undefined && (
              <NodeMenu
                {...{ onTouch, after: props.after, node: name }}
                others={lanes.names.filter((each) => !isTrack(each) && each !== name)}
                isLow={!geometry.isVertical && from + size / 2 > geometry.height / 2}
                isOpen={open === name}
                setOpen={(isOpen) => setOpen(isOpen ? name : null)}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}

function NodeName({
  node,
  selected,
  after,
  onPick,
  onTouch,
}: LaneHeadsProps & { readonly node: string }) {
  const onPointerUp = (event: PointerEvent): void => {
    const under = document.elementFromPoint(event.clientX, event.clientY);
    const to = under?.closest<HTMLElement>('[data-lane]')?.dataset['lane'];
    if (to === undefined || to === node || onTouch === undefined) return;
    onTouch({ type: event.shiftKey ? 'cut' : 'cut both ways', after, from: node, to });
  };
  const isPicked = selected?.type === 'lane' && selected.node === node;
  return (
    <button
      type="button"
      class="lane-name"
      aria-pressed={isPicked}
      title={onTouch === undefined ? node : `${node}: drag it to another to cut their link`}
      onClick={() => onPick(isPicked ? null : { type: 'lane', node })}
      onPointerDown={({ currentTarget, pointerId }) => currentTarget.setPointerCapture(pointerId)}
      onPointerUp={onPointerUp}
    >
      {node}
    </button>
  );
}
