import { useEffect, useState } from 'preact/hooks';
import { laneSpanKinds, noEvent } from '../../trace/lanes.js';
import type { DiagramPick, Scene } from './scene.js';
import { spanLabel } from './span-label.js';

/** All there is to say of it; empty until it is known, and where nothing is picked. */
export function usePickText(scene: Scene, pick: DiagramPick | null): string {
  const [text, setText] = useState('');
  const key = JSON.stringify(pick);
  useEffect(() => {
    let isOver = false;
    if (pick === null) setText('');
    else {
      textOfPick(scene, pick).then((found) => {
        if (!isOver) setText(found);
      });
    }
    return () => {
      isOver = true;
    };
  }, [scene.index, key]);
  return text;
}

async function textOfPick({ index }: Scene, pick: DiagramPick): Promise<string> {
  const { lanes } = index;
  const { messages, spans, names } = lanes;
  const lines = (...events: (number | undefined)[]) =>
    Promise.all(
      events
        .filter((event) => event !== undefined && event !== noEvent)
        .map((event) => lanes.textOf(event as number)),
    ).then((texts) => texts.map(trimmed).join('\n'));
  switch (pick.type) {
    case 'event':
      return trimmed(await lanes.textOf(pick.event));
    case 'message': {
      const link = `${names[messages.from[pick.message] ?? 0]} → ${names[messages.to[pick.message] ?? 0]}`;
      const [sent, delivered] = [messages.sent[pick.message], messages.delivered[pick.message]];
      const [said, ...fate] = trimmed(await lanes.textOf(sent ?? 0)).split('\n');
      const tookMs = (messages.endMs[pick.message] ?? 0) - (lanes.events.atMs[sent ?? 0] ?? 0);
      const took = delivered === noEvent ? [] : [`${link} in ${Number(tookMs.toFixed(3))} ms`];
      // What became of it first: there may be room for little more.
      return [...fate, ...took, said].join('\n');
    }
    case 'span': {
      const kind = laneSpanKinds[spans.kind[pick.span] as number];
      const said = await lines(spans.begin[pick.span], spans.end[pick.span]);
      return kind === 'operation' ? said : `${spanLabel({ index }, pick.span)}\n${said}`;
    }
    default:
      return pick.node;
  }
}

/** Without the room that columns need. */
const trimmed = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim().replace(/^(\S+) +(\S*) +(\S*) +/, '$1 $2 $3 '))
    .join('\n');
