import type { Geometry } from './geometry.js';
import type { Scene } from './scene.js';
import { usePickText } from './use-pick-text.js';
import type { HoveredPick } from './use-stage.js';

const charsMax = 420;

export function DiagramTip({
  scene,
  pick,
  x,
  y,
  geometry: { width, height },
}: HoveredPick & { readonly scene: Scene; readonly geometry: Geometry }) {
  const text = usePickText(scene, pick);
  if (text === '') return null;
  const side = x > width / 2 ? { right: `${width - x + 12}px` } : { left: `${x + 12}px` };
  const level = y > height * 0.6 ? { bottom: `${height - y + 12}px` } : { top: `${y + 12}px` };
  return (
    <div class="diagram-tip mono" style={{ ...side, ...level }}>
      {text.length > charsMax ? `${text.slice(0, charsMax)}…` : text}
    </div>
  );
}
