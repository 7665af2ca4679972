import { acceptCompletion } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { EditorState } from '@codemirror/state';
import { EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'preact/hooks';
import { shownOutput } from '../stepping.js';
import type { LabState, LabStore } from '../store.js';
import { type MarkedLines, markLines, scenarioLanguage } from './language.js';

/** After so long without a key, what can be run is. */
const pauseMs = 700;

export function ScenarioEditor({ store }: { readonly store: LabStore }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const parent = place.current;
    if (parent === null) return;
    const editor = new Editor(store, parent);
    return () => editor.close();
  }, [store]);
  return <div class="editor" ref={place} />;
}

class Editor {
  readonly #store: LabStore;
  readonly #view: EditorView;
  readonly #unsubscribe: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #marked: MarkedLines = { running: 0, failed: 0 };

  constructor(store: LabStore, parent: HTMLElement) {
    this.#store = store;
    const run = (): boolean => {
      clearTimeout(this.#timer);
      void store.runDraft();
      return true;
    };
    this.#view = new EditorView({
      parent,
      state: EditorState.create({
        doc: store.state.draft.scenario,
        extensions: [
          lineNumbers(),
          history(),
          EditorView.lineWrapping,
          highlightActiveLine(),
          keymap.of([
            { key: 'Mod-Enter', run },
            // Else it leaves the editor, as it leaves any field.
            { key: 'Tab', run: acceptCompletion },
            ...defaultKeymap,
            ...historyKeymap,
          ]),
          scenarioLanguage,
          EditorView.contentAttributes.of({ 'aria-label': 'Scenario' }),
          EditorView.updateListener.of(({ docChanged, state: { doc } }) => {
            if (docChanged) this.#typed(doc.toString());
          }),
        ],
      }),
    });
    this.#unsubscribe = store.subscribe(() => this.#follow(store.state));
    this.#follow(store.state);
  }

  #typed(scenario: string): void {
    if (scenario === this.#store.state.draft.scenario) return;
    this.#store.edit({ scenario });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#store.runDraft(), pauseMs);
  }

  #follow(state: LabState): void {
    const { doc } = this.#view.state;
    const { scenario } = state.draft;
    const isOther = doc.toString() !== scenario;
    const marked = this.#store.isDraftNew ? { running: 0, failed: 0 } : markedIn(state);
    const isSame = marked.running === this.#marked.running && marked.failed === this.#marked.failed;
    if (isSame && !isOther) return;
    this.#marked = marked;
    this.#view.dispatch({
      ...(isOther ? { changes: { from: 0, to: doc.length, insert: scenario } } : {}),
      effects: markLines.of(marked),
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#unsubscribe();
    this.#view.destroy();
  }
}

function markedIn({ recording, cursor }: LabState): MarkedLines {
  if (recording === null) return { running: 0, failed: 0 };
  const { output } = recording;
  const shown = shownOutput(output, cursor);
  const last = output[shown - 1];
  const isOver = shown === output.length;
  const failed = isOver && recording.failure !== null ? (last?.line ?? 0) : 0;
  return { running: failed === 0 ? (last?.line ?? 0) : 0, failed };
}
