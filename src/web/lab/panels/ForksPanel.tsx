/** The runs that were tried, as a tree; and what two of them have not in common. */
import type { ComponentChildren } from 'preact';
import type { RunComparison } from '../../../lab/compare.js';
import { currentOf, type Fork, type ForkTree, pathTo } from '../../../lab/forks.js';
import { Button } from '../../parts/Button.js';

export interface ForksPanelProps {
  readonly tree: ForkTree;
  /** Beside a name, where that is known: `violated`. */
  signOf?(fork: Fork): string | null;
  /** `found` is `null` while they are being run. */
  readonly comparison: {
    readonly a: number;
    readonly b: number;
    readonly found: RunComparison | null;
  } | null;
  onGo(id: number): void;
  onBack(): void;
  onForth(): void;
  /** `null`: no more of that. */
  onCompare(pair: readonly [a: number, b: number] | null): void;
}

export function ForksPanel(props: ForksPanelProps) {
  const { tree, comparison, onBack, onForth } = props;
  return (
    <section class="tool forks" aria-label="Forks">
      <div class="tool-row">
        <Button onClick={onBack} disabled={currentOf(tree).parent === null}>
          Undo
        </Button>
        <Button onClick={onForth} disabled={tree.left.length === 0}>
          Redo
        </Button>
      </div>
      <ul class="fork-tree">
        <Branch {...props} id={0} />
      </ul>
      {tree.forks.length === 1 && (
        <p class="muted">
          Touch the run: lose a message, kill a node. Each decision is a fork, and shows here.
        </p>
      )}
      {comparison !== null && <Compared {...props} comparison={comparison} />}
    </section>
  );
}

/** A fork that has one child only is not indented: a tree of undone steps stays narrow. */
function Branch(props: ForksPanelProps & { readonly id: number }): ComponentChildren {
  const { tree, id, signOf, onGo, onCompare } = props;
  const fork = tree.forks[id] as Fork;
  const isCurrent = id === tree.current;
  const isOnPath = pathTo(tree, tree.current).includes(fork);
  const sign = signOf?.(fork) ?? null;
  const children = fork.children.map((child) => <Branch {...props} key={child} id={child} />);
  return (
    <>
      <li class={isOnPath ? 'fork on-path' : 'fork'}>
        <Button
          look="quiet fork-name"
          aria-current={isCurrent ? 'true' : undefined}
          title={fork.line ?? fork.name}
          onClick={() => onGo(id)}
        >
          <span>{fork.name}</span>
          {sign !== null && <span class="pill bad">{sign}</span>}
        </Button>
        {!isCurrent && (
          <Button
            look="quiet fork-compare"
            aria-label={`Compare ${fork.name} with the run that is shown`}
            onClick={() => onCompare([id, tree.current])}
          >
            compare
          </Button>
        )}
      </li>
      {children.length === 1
        ? children
        : children.map((child) => (
            <li key={child.key}>
              <ul>{child}</ul>
            </li>
          ))}
    </>
  );
}

function Compared({
  tree,
  comparison,
  onCompare,
}: ForksPanelProps & { readonly comparison: NonNullable<ForksPanelProps['comparison']> }) {
  const { a, b, found } = comparison;
  const [nameA, nameB] = [tree.forks[a]?.name ?? '', tree.forks[b]?.name ?? ''];
  return (
    <div class="comparison" aria-live="polite">
      <div class="tool-row">
        <p>
          A is <strong>{nameA}</strong>, B is <strong>{nameB}</strong>.
        </p>
        <Button onClick={() => onCompare(null)}>Close</Button>
      </div>
      {found === null ? <p>Both are run …</p> : <Differences {...found} />}
    </div>
  );
}

function Differences({ parting, answers, verdicts, failures }: RunComparison) {
  if (parting === null) return <p>Nodes and clients do the same in both, event by event.</p>;
  const rows: readonly (readonly [string, string | null, string | null])[] = [
    ['first difference', parting.a ?? 'it is over', parting.b ?? 'it is over'],
    ...answers.map(
      ({ operation, a, b }) => [operation, a ?? 'not asked', b ?? 'not asked'] as const,
    ),
    ...verdicts.map(({ model, a, b }) => [model, a ?? 'not judged', b ?? 'not judged'] as const),
    ...(failures.a === failures.b
      ? []
      : [['script', failures.a ?? 'as expected', failures.b ?? 'as expected'] as const]),
  ];
  return (
    <>
      <p>
        They part at {parting.atMs.toFixed(3)} ms, after {parting.alike} events alike.
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col" />
            <th scope="col">A</th>
            <th scope="col">B</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([what, inA, inB]) => (
            <tr key={what}>
              <th scope="row">{what}</th>
              <td>{inA}</td>
              <td>{inB}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {answers.length === 0 && <p class="muted">Clients were answered the same in both.</p>}
    </>
  );
}
