import type { Recording } from '../../lab/recording.js';
import type { DiagramMark } from '../diagram/scene.js';

/** When nodes were paused: no trace says so, for they could say nothing themselves. */
export function pausedMarks({
  changes,
  lanes,
}: Pick<Recording, 'changes' | 'lanes'>): DiagramMark[] {
  const marks: DiagramMark[] = [];
  const since = new Map<string, number>();
  for (const { event, node, part, name, after } of changes) {
    if (part !== 'node' || name !== 'state') continue;
    const atMs = lanes.events.atMs[Math.max(0, event)] ?? 0;
    const fromMs = since.get(node);
    if (fromMs !== undefined) {
      since.delete(node);
      marks.push({ lane: node, kind: 'paused', label: 'paused', fromMs, toMs: atMs });
    }
    if (after === 'paused') since.set(node, atMs);
  }
  for (const [lane, fromMs] of since) {
    marks.push({ lane, kind: 'paused', label: 'paused', fromMs, toMs: null });
  }
  return marks;
}
