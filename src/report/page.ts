/** The page that a report is: the one that was built, with the parts in it. */

/** What of a part stands in the page: its bytes, deflated (zlib), as base64. */
export interface PagePart {
  readonly name: string;
  readonly base64: string;
}

/** Where the page's script finds a part. */
export const elementIdOf = (name: string): string => `data-${name}`;

const place = '<!--data-->';
const titles = ['<title>', '</title>'] as const;
const end = '</body>';

/**
 * The first part stands before the page's script, which shows it at once; the others behind it, where they are read by the time
 * that the whole file is. Throws when the template is none.
 */
export function fillPage(template: string, parts: readonly PagePart[], title: string): string {
  const [first, ...others] = parts;
  const titleFrom = placeIn(template, titles[0]) + titles[0].length;
  const titleTo = placeIn(template, titles[1]);
  const firstAt = placeIn(template, place);
  const othersAt = template.lastIndexOf(end);
  if (othersAt < firstAt) throw new Error(`the page has no ${end}`);
  return [
    template.slice(0, titleFrom),
    escaped(title),
    template.slice(titleTo, firstAt),
    ...(first === undefined ? [] : [elementOf(first)]),
    template.slice(firstAt + place.length, othersAt),
    ...others.map(elementOf),
    template.slice(othersAt),
  ].join('');
}

function placeIn(template: string, text: string): number {
  const at = template.indexOf(text);
  if (at < 0) throw new Error(`the page has no ${text}`);
  return at;
}

/** Names are ours, and no character of base64 could end an element. */
const elementOf = ({ name, base64 }: PagePart): string =>
  `<script id="${elementIdOf(name)}" type="application/octet-stream">${base64}</script>\n`;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (character) => entities[character] as string);
