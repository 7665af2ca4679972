import type { DiagramStage } from './stage.js';

/** Whether the key moves what is in view. */
export function moveByKey(
  stage: DiagramStage,
  { key, shiftKey }: Pick<KeyboardEvent, 'key' | 'shiftKey'>,
): boolean {
  const { bounds, view } = stage;
  const px = stage.pickable.geometry.alongPx;
  const length = view.to - view.from;
  const moves: Readonly<Record<string, () => void>> = {
    '+': () => stage.zoomBySteps(1),
    '=': () => stage.zoomBySteps(1),
    '-': () => stage.zoomBySteps(-1),
    '0': () => stage.fit(),
    PageUp: () => stage.panBy(-px * 0.8),
    PageDown: () => stage.panBy(px * 0.8),
    Home: () => stage.look({ from: bounds.from, to: bounds.from + length }),
    End: () => stage.look({ from: bounds.to - length, to: bounds.to }),
    ...(shiftKey && {
      ArrowLeft: () => stage.panBy(-px * 0.2),
      ArrowRight: () => stage.panBy(px * 0.2),
      ArrowUp: () => stage.panBy(-px * 0.2),
      ArrowDown: () => stage.panBy(px * 0.2),
    }),
  };
  if (!Object.hasOwn(moves, key)) return false;
  moves[key]?.();
  return true;
}
