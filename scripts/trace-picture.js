/**
 * A space-time diagram (Lamport 1978) of a trace: JSON lines, as `kvx trace --export jsonl` has them, on standard input, SVG on
 * standard output. Each node is a line down the page, each event a row of its own, each message an arrow; one that is lost
 * ends halfway. The pictures in docs/ are made by it.
 */
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** @typedef {import('../src/core/trace-event.ts').TraceEvent} TraceEvent */

/** @typedef {{ x: number, y: number, to: string, colour: string, isDrawn: boolean }} Sent */

const rowPx = 18;
const lanePx = 240;
const leftPx = 90;
const topPx = 40;
const colours = ['#0969da', '#9a6700', '#1a7f37', '#8250df', '#bf3989'];
const style = [
  'text{font:11px ui-sans-serif,system-ui,sans-serif;fill:#1f2328}',
  'text.m,text.l{paint-order:stroke;stroke:#fff;stroke-width:3px}',
  'text.l{fill:#59636e}',
  'text.t{font-size:10px;fill:#8b949e;text-anchor:end}',
  'text.n{font-weight:600;font-size:13px;text-anchor:middle}',
  'path{fill:none;stroke-width:1.3}',
].join('');

const escaped = (/** @type {string} */ raw) =>
  raw.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** What a message or a record says, in a few words. @param {any} data @returns {string} */
function briefly({ type, ballot, slot, upTo, value, writes, replies, key, operation }) {
  const inner = writes?.[0] ?? replies?.[0] ?? {};
  const said = [
    ...(ballot === undefined ? [] : [`ballot ${ballot.round}.${ballot.node}`]),
    ...(slot === undefined ? [] : [`slot ${slot}`]),
    ...(upTo === undefined ? [] : [`up to slot ${upTo}`]),
    ...[key ?? inner.key, value ?? inner.value].filter((each) => each !== undefined),
    ...(operation === undefined ? [] : [briefly(operation)]),
  ];
  return said.length === 0 ? type : `${type} (${said.join(', ')})`;
}

/** @param {TraceEvent['data']} data */
function labelOf(data) {
  switch (data.type) {
    case 'call':
      return `client: ${briefly(data.operation)}`;
    case 'return':
      return `answer: ${briefly(data.result)}`;
    case 'persist':
      return `persist ${briefly(data.record)}`;
    case 'role':
      return data.role;
    case 'stop':
      return 'stops';
    case 'fault':
      return `${data.change}: ${data.fault.words}`;
    default:
      return data.type;
  }
}

const alarm = '#cf222e';

/** Numbers with no more digits than a picture needs. @param {number} number */
const px = (number) => String(Math.round(number * 10) / 10);

class Picture {
  /** @type {string[]} */
  #arrows = [];
  /** @type {string[]} */
  #marks = [];
  /** Where messages were sent, by node and number. @type {Map<string, Sent>} */
  #sent = new Map();
  /** Where nodes stop. @type {Map<string, number>} */
  #stops = new Map();
  /** @type {readonly string[]} */
  #nodes;
  #rows = 0;
  #time = '';

  /** @param {readonly string[]} nodes */
  constructor(nodes) {
    this.#nodes = nodes;
  }

  /** @param {TraceEvent} event @param {number} beginMs */
  add({ node, atMs, clock, data }, beginMs) {
    if (data.type === 'lost' || data.type === 'held' || data.type === 'doubled') {
      const sent = this.#sent.get(`${node} ${data.sent}`);
      if (data.type === 'lost' && sent !== undefined) this.#lose(sent, data.why);
      return;
    }
    const y = topPx + ++this.#rows * rowPx;
    const time = (atMs - beginMs).toFixed(1);
    if (time !== this.#time) this.#marks.push(`<text class="t" x="62" y="${y + 3}">${time}</text>`);
    this.#time = time;
    const x = this.#laneOf(node);
    const colour = data.type === 'fault' || data.type === 'stop' ? alarm : this.#colourOf(node);
    this.#marks.push(`<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`);
    if (data.type === 'sent') {
      this.#sent.set(`${node} ${clock[node]}`, { x, y, to: data.to, colour, isDrawn: false });
      const isRight = this.#laneOf(data.to) > x;
      const place = isRight ? `x="${x + 8}"` : `x="${x - 8}" text-anchor="end"`;
      const label = escaped(briefly(data.message));
      this.#marks.push(`<text class="m" ${place} y="${y + 3}" fill="${colour}">${label}</text>`);
    } else if (data.type === 'delivered') {
      const from = this.#sent.get(`${data.from} ${data.sent}`);
      if (from !== undefined) this.#arrow(from, x, y, 'marker-end="url(#a)"');
    } else {
      if (data.type === 'stop') this.#stops.set(node, y);
      const label = escaped(labelOf(data));
      this.#marks.push(`<text class="l" x="${x + 8}" y="${y + 3}">${label}</text>`);
    }
  }

  toString() {
    const width = leftPx + (this.#nodes.length - 0.3) * lanePx;
    const height = topPx + (this.#rows + 1) * rowPx;
    for (const sent of this.#sent.values()) if (!sent.isDrawn) this.#lose(sent, '');
    const lanes = this.#nodes.map((node) => {
      const x = this.#laneOf(node);
      const end = this.#stops.get(node) ?? height - 8;
      const line = `<path d="M${x} ${topPx}V${end}" stroke="${this.#colourOf(node)}" opacity=".45"/>`;
      return `<text class="n" x="${x}" y="24">${escaped(node)}</text>${line}`;
    });
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}">`,
      `<title>What ${escaped(this.#nodes.join(', '))} did, time going down</title>`,
      `<style>${style}</style>`,
      '<marker id="a" viewBox="0 0 8 8" refX="9" refY="4" markerWidth="7" markerHeight="7" orient="auto">',
      '<path d="M0 0L8 4L0 8z" style="fill:#57606a"/></marker>',
      `<rect width="${width}" height="${height}" fill="#fff"/>`,
      ...lanes,
      ...this.#arrows,
      ...this.#marks,
      '</svg>\n',
    ].join('\n');
  }

  /** It ends on its way. @param {Sent} sent @param {string} why */
  #lose(sent, why) {
    const x = sent.x + (this.#laneOf(sent.to) - sent.x) * 0.7;
    const y = sent.y + rowPx * 0.6;
    this.#arrow(sent, x, y, 'stroke-dasharray="4 3"');
    const label = `<text x="${px(x - 4)}" y="${px(y + 4)}" style="fill:${alarm}">✕ ${escaped(why)}</text>`;
    this.#marks.push(label);
  }

  /** @param {Sent} from @param {number} x @param {number} y @param {string} more */
  #arrow(from, x, y, more) {
    from.isDrawn = true;
    const line = `M${px(from.x)} ${px(from.y)}L${px(x)} ${px(y)}`;
    this.#arrows.push(`<path d="${line}" stroke="${from.colour}" ${more}/>`);
  }

  /** What is of no node stands beside the first. @param {string} node */
  #laneOf(node) {
    return leftPx + Math.max(0, this.#nodes.indexOf(node)) * lanePx;
  }

  /** @param {string} node */
  #colourOf(node) {
    return colours[Math.max(0, this.#nodes.indexOf(node)) % colours.length] ?? alarm;
  }
}

/** @param {readonly TraceEvent[]} events in causal order @returns {string} */
export function pictureOf(events) {
  const nodes = [...new Set(events.map(({ node }) => node))].filter((node) => node !== 'faults');
  const picture = new Picture(nodes.sort());
  for (const event of events) picture.add(event, events[0]?.atMs ?? 0);
  return picture.toString();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = (await text(process.stdin)).trim().split('\n');
  process.stdout.write(pictureOf(lines.map((line) => JSON.parse(line))));
}
