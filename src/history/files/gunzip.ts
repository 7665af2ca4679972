/** Histories that were packed: Jepsen's are large, and pack well. */
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { HistoryError } from '../problem.js';

type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

const magic = [0x1f, 0x8b] as const;

/** The pieces as they are, or, where the first says that they are gzip, what they were before. */
export async function* unpacked(pieces: Pieces, source: string): AsyncGenerator<Uint8Array> {
  const all = iteratorOf(pieces);
  let head: Uint8Array = new Uint8Array(0);
  // Two bytes tell, which may come one by one, or with nothing between.
  while (head.length === 0 || (head.length === 1 && head[0] === magic[0])) {
    const next = await all.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
    if (head.length === 1) head = Uint8Array.from(head);
  }
  const rest = from(head, all);
  if (head[0] === magic[0] && head[1] === magic[1]) yield* gunzipped(rest, source);
  else yield* rest;
}

async function* gunzipped(
  pieces: AsyncIterable<Uint8Array>,
  source: string,
): AsyncGenerator<Uint8Array> {
  // A piece may be read into again, and here somebody keeps it.
  const packed = Readable.from(copies(pieces), { objectMode: false });
  const unpacking = createGunzip();
  packed.once('error', (error) => unpacking.destroy(error));
  try {
    yield* packed.pipe(unpacking) as AsyncIterable<Uint8Array>;
  } catch (error) {
    const isDamaged = ((error as NodeJS.ErrnoException).code ?? '').startsWith('Z_');
    throw isDamaged ? new HistoryError('this gzip file is damaged or cut off', { source }) : error;
  } finally {
    packed.destroy();
    unpacking.destroy();
  }
}

async function* copies(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield Uint8Array.from(piece);
}

async function* from(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function* iteratorOf(pieces: Pieces): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
