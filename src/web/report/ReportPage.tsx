/** A run, told: the verdict first, and when that can be read, all that it rests on. */
import type { RefObject } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { models } from '../../check/models.js';
import type { CheckReport } from '../../check/report.js';
import type { OpenedReport } from '../../report/decode.js';
import { figuresOf, hasTimes } from '../../report/figures.js';
import type { Report } from '../../report/report.js';
import type { Lanes } from '../../trace/lanes.js';
import { FigureCharts } from '../charts/FigureCharts.js';
import { KindTable, WindowTable } from '../charts/FigureTables.js';
import type { DiagramHandle } from '../diagram/Diagram.js';
import { Button } from '../parts/Button.js';
import { ThemeSwitch } from '../parts/ThemeSwitch.js';
import { AboutRun, Script, Tables } from './AboutRun.js';
import { Help } from './Help.js';
import { deedOf } from './keys.js';
import { illegalIn } from './landmarks.js';
import { LedTo, MessagesPart } from './Messages.js';
import { Operations, type OperationsHandle } from './Operations.js';
import { VerdictPart } from './Verdict.js';

export function ReportPage({ report }: { readonly report: OpenedReport }) {
  const { about, check, runs, slice, tables, notes } = report;
  const operations = useRef<OperationsHandle>(null);
  const [isHelping, setHelping] = useState(false);
  const [chosen, setChosen] = useState(0);
  const told: ToldRun = runs[chosen] ?? report;
  useKeys(operations, isHelping, setHelping);
  const loaded = useLoaded(report.lanes);
  const lanes = loaded instanceof Error ? null : loaded;
  const diagram = useRef<DiagramHandle>(null);
  const script = report.script === null ? null : <Script script={report.script} />;
  const shownTables = tables.length > 0 && <Tables tables={tables} />;
  const isScenario = about.kind === 'run';
  return (
    <>
      <TopBar report={report} told={told} onHelp={() => setHelping(true)} />
      <main>
        {runs.length > 0 && shownTables}
        {runs.length > 0 && <RunTabs {...{ runs, chosen }} onChoose={setChosen} />}
        {told.check !== null && (
          <VerdictPart
            key={chosen}
            check={told.check}
            onPick={(operation) => operations.current?.pick(operation)}
          >
            {lanes !== null && slice !== null && slice.length > 0 && (
              <LedTo {...{ lanes, slice }} />
            )}
          </VerdictPart>
        )}
        {runs.length === 0 && shownTables}
        {notes.length > 0 && (
          <section id="notes" class="panel padded" aria-label="Notes">
            {notes.map((note) => (
              <p key={note}>{note}</p>
            ))}
          </section>
        )}
        {isScenario && script}
        <HistoryParts
          key={`history of ${chosen}`}
          {...{ told, operations }}
          onMessages={
            lanes === null ? null : (from, to) => lookAt(report, lanes, diagram, from, to)
          }
        />
        {loaded instanceof Error && <p class="panel padded bad">{loaded.message}</p>}
        {lanes !== null && <MessagesPart {...{ lanes, slice, handle: diagram }} />}
        {!isScenario && script}
        <AboutRun about={about} />
        {check === null && report.hasHistory && <p class="muted">Nobody judged this run.</p>}
      </main>
      {isHelping && <Help onClose={() => setHelping(false)} />}
    </>
  );
}

/** Times are those of the history's clock. */
function lookAt(
  { historyBeginMs }: OpenedReport,
  { beginMs }: Lanes,
  diagram: { readonly current: DiagramHandle | null },
  from: number,
  to: number,
): void {
  const since = ((historyBeginMs ?? beginMs) - beginMs) * 1e6;
  const room = Math.max(50_000, (to - from) * 0.2);
  diagram.current?.look({ from: since + from - room, to: since + to + room });
  document.getElementById('messages')?.scrollIntoView({ block: 'start', behavior: 'smooth' });
}

/** Of a comparison one of those that were compared, else the report itself. */
type ToldRun = Pick<OpenedReport, 'check' | 'history'>;

function useKeys(
  operations: RefObject<OperationsHandle | null>,
  isHelping: boolean,
  setHelping: (isHelping: boolean) => void,
): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const isWriting = target.matches('input:not([type=range]), textarea, select');
      const deed = deedOf(event, isWriting);
      if (deed === null || event.defaultPrevented) return;
      event.preventDefault();
      if (deed === 'help' || (deed === 'escape' && isHelping)) setHelping(!isHelping);
      else operations.current?.act(deed);
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [operations, isHelping, setHelping]);
}

interface RunTabsProps {
  readonly runs: OpenedReport['runs'];
  readonly chosen: number;
  readonly onChoose: (run: number) => void;
}

function RunTabs({ runs, chosen, onChoose }: RunTabsProps) {
  return (
    <div class="run-tabs" role="tablist" aria-label="What was compared">
      {runs.map(({ title, check }, at) => (
        <button
          key={title}
          type="button"
          role="tab"
          class="button"
          aria-selected={at === chosen}
          onClick={() => onChoose(at)}
        >
          {title} {check !== null && <VerdictPill check={check} />}
        </button>
      ))}
    </div>
  );
}

interface HistoryPartsProps {
  readonly told: ToldRun;
  readonly operations: RefObject<OperationsHandle | null>;
  /** Shows what nodes did then, where that is known. */
  readonly onMessages: ((from: number, to: number) => void) | null;
}

/** What rests on the history, which is read when the verdict can be seen. */
function HistoryParts({ told, operations, onMessages }: HistoryPartsProps) {
  const history = useLoaded(told.history);
  const stages = useStages(history instanceof Error || history === null ? 0 : 2);
  const illegal = useMemo(() => illegalIn(told.check), [told]);
  const onRange = useCallback(
    (from: number, to: number) => operations.current?.lookAt(from, to),
    [operations],
  );
  if (history instanceof Error) return <p class="panel padded bad">{history.message}</p>;
  if (history === null || history.count === 0) return null;
  return (
    <>
      {stages > 0 && <FigureSections history={history} onRange={onRange} />}
      {stages > 1 && (
        <Operations {...{ history, illegal, told: told.check, onMessages, handle: operations }} />
      )}
    </>
  );
}

/** `null` until it is there, or where there is none. */
function useLoaded<T>(load: () => Promise<T | null>): T | Error | null {
  const [loaded, setLoaded] = useState<T | Error | null>(null);
  useEffect(() => {
    const show = (result: T | Error | null) => setLoaded(() => result);
    afterPaint(() => load().then(show, show));
  }, [load]);
  return loaded;
}

const afterPaint = (act: () => void) => requestAnimationFrame(() => setTimeout(act, 0));

/** Grows by one whenever the page has had time to draw: what is large waits until what matters stands. */
function useStages(count: number): number {
  const [stage, setStage] = useState(0);
  useEffect(() => {
    if (stage >= count) return;
    afterPaint(() => setStage(stage + 1));
  }, [stage, count]);
  return stage;
}

const kindNames: Readonly<Record<Report['about']['kind'], string>> = {
  ...{ bench: 'Load', run: 'Scenario', check: 'History' },
  ...{ sim: 'Simulation', compare: 'Comparison' },
};

interface TopBarProps {
  readonly report: OpenedReport;
  readonly told: ToldRun;
  readonly onHelp: () => void;
}

function TopBar({ report, told, onHelp }: TopBarProps) {
  const { about, script, tables, runs } = report;
  const { check } = told;
  const hasHistory = report.hasHistory || runs.length > 0;
  const links: readonly (readonly [string, string, boolean])[] = [
    ['verdict', 'Verdict', check !== null],
    ['figures', 'Figures', hasHistory],
    ['operations', 'Operations', hasHistory],
    ['messages', 'Messages', report.hasLanes],
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
        <Button look="quiet icon" title="Keys (?)" onClick={onHelp}>
          <kbd>?</kbd>
        </Button>
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

/** Of fewer a chart says less than a table. */
const chartedMin = 40;

interface FigureSectionsProps {
  readonly history: NonNullable<Report['history']>;
  readonly onRange: (from: number, to: number) => void;
}

function FigureSections({ history, onRange }: FigureSectionsProps) {
  const figures = useMemo(() => figuresOf(history), [history]);
  const isTimed = hasTimes(history.count, figures.to - figures.from);
  return (
    <section id="figures" class="panel" aria-label="Figures">
      <header>
        <h2>How clients were served</h2>
      </header>
      {isTimed && history.count >= chartedMin && (
        <FigureCharts figures={figures} faults={history.faults} onRange={onRange} />
      )}
      <div class="tables">
        <div>
          <h3>By what was asked</h3>
          <KindTable {...{ figures, isTimed }} />
        </div>
        {isTimed && figures.windows.length > 0 && (
          <div>
            <h3>Before, during and after what was broken</h3>
            <WindowTable windows={figures.windows} from={figures.from} onRange={onRange} />
          </div>
        )}
      </div>
    </section>
  );
}
