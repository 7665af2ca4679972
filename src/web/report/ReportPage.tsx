/** A run, told: the verdict first, and when that can be read, all that it rests on. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { models } from '../../check/models.js';
import type { CheckReport } from '../../check/report.js';
import { figuresOf } from '../../report/figures.js';
import type { Report } from '../../report/report.js';
import { FigureCharts } from '../charts/FigureCharts.js';
import { KindTable, WindowTable } from '../charts/FigureTables.js';
import { ThemeSwitch } from '../parts/ThemeSwitch.js';
import { AboutRun, Script, Tables } from './AboutRun.js';
import { Help } from './Help.js';
import { deedOf } from './keys.js';
import { illegalIn } from './moments.js';
import { Operations, type OperationsHandle } from './Operations.js';
import { Verdict } from './Verdict.js';

export function ReportPage({ report }: { readonly report: Report }) {
  const { about, check, history, script, tables, notes } = report;
  const operations = useRef<OperationsHandle | null>(null);
  const [isHelping, setHelping] = useState(false);
  const stages = useStages(3);
  const illegal = useMemo(() => illegalIn(check), [check]);
  const onHandle = useCallback((handle: OperationsHandle | null) => {
    operations.current = handle;
  }, []);
  const pick = useCallback((operation: number) => operations.current?.pick(operation), []);
  const onRange = useCallback(
    (from: number, to: number) => operations.current?.lookAt(from, to),
    [],
  );
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const isWriting = ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
      const deed = deedOf(event, isWriting);
      if (deed === null || event.defaultPrevented) return;
      event.preventDefault();
      if (deed === 'help' || (deed === 'escape' && isHelping)) setHelping(!isHelping);
      else operations.current?.act(deed);
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [isHelping]);
  const hasHistory = history !== null && history.count > 0;
  return (
    <>
      <TopBar report={report} onHelp={() => setHelping(true)} />
      <main>
        {check !== null && <Verdict check={check} onPick={pick} />}
        {notes.length > 0 && (
          <section id="notes" class="panel padded" aria-label="Notes">
            {notes.map((note) => (
              <p key={note}>{note}</p>
            ))}
          </section>
        )}
        {hasHistory && stages > 0 && <FigureSections history={history} onRange={onRange} />}
        {hasHistory && stages > 1 && (
          <Operations history={history} illegal={illegal} onHandle={onHandle} />
        )}
        {script !== null && <Script script={script} />}
        {tables.length > 0 && <Tables tables={tables} />}
        <AboutRun about={about} />
      </main>
      {isHelping && <Help onClose={() => setHelping(false)} />}
    </>
  );
}

/** Grows by one whenever the page has had time to draw: what is large waits until what matters stands. */
function useStages(count: number): number {
  const [stage, setStage] = useState(0);
  useEffect(() => {
    if (stage >= count) return;
    const timer = setTimeout(() => requestAnimationFrame(() => setStage(stage + 1)), 0);
    return () => clearTimeout(timer);
  }, [stage, count]);
  return stage;
}

const kindNames: Readonly<Record<Report['about']['kind'], string>> = {
  ...{ bench: 'Load', run: 'Scenario', check: 'History' },
  ...{ sim: 'Simulation', compare: 'Comparison' },
};

function TopBar({ report, onHelp }: { readonly report: Report; readonly onHelp: () => void }) {
  const { about, check, history, script, tables, lanes } = report;
  const links: readonly (readonly [string, string, boolean])[] = [
    ['verdict', 'Verdict', check !== null],
    ['figures', 'Figures', history !== null],
    ['operations', 'Operations', history !== null],
    ['messages', 'Messages', lanes !== null],
    ['script', 'Script', script !== null],
    ['tables', 'Tables', tables.length > 0],
    ['about', 'About', true],
  ];
  return (
    <header class="top">
      <div class="top-title">
        <h1>
          {kindNames[about.kind]} <code>{about.command}</code>
        </h1>
        {check !== null && <VerdictPill check={check} />}
      </div>
      <nav aria-label="Parts of the report" class="no-print">
        {links.map(
          ([id, title, isThere]) =>
            isThere && (
              <a key={id} href={`#${id}`}>
                {title}
              </a>
            ),
        )}
      </nav>
      <div class="top-buttons no-print">
        <button
          type="button"
          class="button quiet icon"
          title="Keys (?)"
          aria-label="Keys"
          onClick={onHelp}
        >
          <kbd>?</kbd>
        </button>
        <ThemeSwitch />
      </div>
    </header>
  );
}

/** Also there when the verdict has been scrolled away. */
function VerdictPill({ check }: { readonly check: CheckReport }) {
  const { evidence, strongest } = check;
  if (evidence !== null) return <span class="pill bad">✗ not {models[evidence.model].title}</span>;
  if (strongest === null) return <span class="pill warn">? unknown</span>;
  return <span class="pill good">✓ {models[strongest].title}</span>;
}

interface FigureSectionsProps {
  readonly history: NonNullable<Report['history']>;
  readonly onRange: (from: number, to: number) => void;
}

function FigureSections({ history, onRange }: FigureSectionsProps) {
  const figures = useMemo(() => figuresOf(history), [history]);
  return (
    <section id="figures" class="panel" aria-label="Figures">
      <header>
        <h2>How clients were served</h2>
      </header>
      <FigureCharts figures={figures} faults={history.faults} onRange={onRange} />
      <div class="tables">
        <div>
          <h3>By what was asked</h3>
          <KindTable figures={figures} />
        </div>
        {figures.windows.length > 0 && (
          <div>
            <h3>Before, during and after what was broken</h3>
            <WindowTable windows={figures.windows} from={figures.from} onRange={onRange} />
          </div>
        )}
      </div>
    </section>
  );
}
