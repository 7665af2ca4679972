import { useEffect, useRef, useState } from 'preact/hooks';
import type { NodeTouch, Touch } from '../../lab/decisions.js';
import { Button } from '../parts/Button.js';

const acts: readonly (readonly [NodeTouch, string])[] = [
  ['kill', 'Kill'],
  ['cut power', 'Cut its power'],
  ['restart', 'Restart'],
  ['pause', 'Pause'],
  ['resume', 'Resume'],
  ['isolate', 'Isolate'],
];

interface NodeMenuProps {
  readonly node: string;
  readonly others: readonly string[];
  /** The event after which it comes. */
  readonly after: number;
  /** There is more room above it than below. */
  readonly isLow: boolean;
  readonly isOpen: boolean;
  readonly setOpen: (isOpen: boolean) => void;
  readonly onTouch: (touch: Touch) => void;
}

export function NodeMenu(props: NodeMenuProps) {
  const { node, isOpen, setOpen, onTouch } = props;
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    menu.current?.querySelector<HTMLElement>('.lane-acts button')?.focus();
    const away = ({ target }: Event): void => {
      if (!menu.current?.contains(target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', away);
    return () => document.removeEventListener('pointerdown', away);
  }, [isOpen, setOpen]);
  const act = (touch: Touch): void => {
    setOpen(false);
    onTouch(touch);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !isOpen) return;
    event.stopPropagation();
    setOpen(false);
    menu.current?.querySelector('button')?.focus();
  };
  return (
    <div class="lane-menu no-print" ref={menu}>
      <Button
        look="quiet icon"
        aria-expanded={isOpen}
        title={`Break ${node}`}
        onClick={() => setOpen(!isOpen)}
      >
        ⚡
      </Button>
      {isOpen && (
        <fieldset
          class={`lane-acts panel ${props.isLow ? 'is-low' : ''}`}
          aria-label={`What to do to ${node}`}
          onKeyDown={onKeyDown}
        >
          <NodeActs {...props} act={act} />
        </fieldset>
      )}
    </div>
  );
}

function NodeActs({
  node,
  others,
  after,
  act,
}: NodeMenuProps & { readonly act: (touch: Touch) => void }) {
  const [aheadMs, setAheadMs] = useState(1000);
  return (
    <>
      {acts.map(([type, words]) => (
        <Button look="quiet" key={type} onClick={() => act({ type, after, node })}>
          {words}
        </Button>
      ))}
      <span class="lane-clock">
        <Button look="quiet" onClick={() => act({ type: 'clock', after, node, aheadMs })}>
          Jump its clock
        </Button>
        <input
          class="field"
          type="number"
          aria-label="Milliseconds ahead"
          value={aheadMs}
          onChange={({ currentTarget }) => setAheadMs(currentTarget.valueAsNumber || 0)}
        />
        ms
      </span>
      <span class="lane-cuts">
        Cut the link with
        {others.map((to) => (
          <Button key={to} onClick={() => act({ type: 'cut both ways', after, from: node, to })}>
            {to}
          </Button>
        ))}
      </span>
      <Button look="quiet" onClick={() => act({ type: 'heal', after })}>
        Heal all
      </Button>
    </>
  );
}
