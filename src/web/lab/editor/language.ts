/** The scenario language in CodeMirror: what it knows of it comes from `scenario/assist.ts`. */
import {
  autocompletion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { type Diagnostic, linter, lintGutter } from '@codemirror/lint';
import { type Extension, RangeSetBuilder, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  EditorView,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import { completionsAt, problemsOf, tokensOf } from '../../../scenario/assist.js';

const icons = { command: 'function', keyword: 'keyword', flag: 'property' } as const;

function complete({ state, pos, explicit }: CompletionContext): CompletionResult | null {
  const line = state.doc.lineAt(pos);
  // Nobody asks for a list at the beginning of every line.
  if (!explicit && /^\s*$/.test(line.text.slice(0, pos - line.from))) return null;
  const { from, options } = completionsAt(state.doc.toString(), pos);
  return {
    from,
    filter: false,
    options: options.map(({ label, detail, kind }) => ({
      ...{ label, detail },
      type: icons[kind as keyof typeof icons] ?? 'variable',
    })),
  };
}

const problems = linter(
  ({ state: { doc } }): Diagnostic[] =>
    problemsOf(doc.toString()).map(({ line, column, endColumn, message }) => {
      const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines));
      const begin = Math.min(from + column - 1, to);
      return { from: begin, to: Math.min(from + endColumn - 1, to), severity: 'error', message };
    }),
  { delay: 250 },
);

const marks = new Map<string, Decoration>();
function markOf(kind: string): Decoration {
  const mark = marks.get(kind) ?? Decoration.mark({ class: `token-${kind}` });
  marks.set(kind, mark);
  return mark;
}

function coloured(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to; ) {
      const line = view.state.doc.lineAt(at);
      for (const token of tokensOf(line.text)) {
        builder.add(line.from + token.from, line.from + token.to, markOf(token.kind));
      }
      at = line.to + 1;
    }
  }
  return builder.finish();
}

const colours = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = coloured(view);
    }

    update({ docChanged, viewportChanged, view }: ViewUpdate): void {
      if (docChanged || viewportChanged) this.decorations = coloured(view);
    }
  },
  { decorations: ({ decorations }) => decorations },
);

export interface MarkedLines {
  /** Of the command that is under way; 0: none. From 1. */
  readonly running: number;
  /** Of what did not come true; 0: none. */
  readonly failed: number;
}

export const markLines = StateEffect.define<MarkedLines>();

const markedLines = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(before, { docChanged, effects, newDoc }) {
    const [effect] = effects.filter((each) => each.is(markLines)).slice(-1);
    // What has been edited is not what runs.
    if (effect === undefined) return docChanged ? Decoration.none : before;
    const { running, failed } = effect.value as MarkedLines;
    const lines = [
      { line: running, name: 'line-running' },
      { line: failed, name: 'line-failed' },
    ].filter(({ line }) => line >= 1 && line <= newDoc.lines);
    const ranges = lines.map(({ line, name }) =>
      Decoration.line({ class: name }).range(newDoc.line(line).from),
    );
    return Decoration.set(ranges, true);
  },
  provide: (field) => EditorView.decorations.from(field),
});

export const scenarioLanguage: Extension = [
  autocompletion({ override: [complete], icons: false }),
  problems,
  lintGutter(),
  colours,
  markedLines,
];
