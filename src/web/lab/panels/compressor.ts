import type { Compressor } from '../../../lab/share.js';

/** By the browser's own streams. */
export const browserCompressor: Compressor = {
  deflate: (bytes) =>
    through(bytes, new CompressionStream('deflate-raw'), Number.POSITIVE_INFINITY),
  inflate: (bytes, bytesMax) => through(bytes, new DecompressionStream('deflate-raw'), bytesMax),
};

async function through(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
  bytesMax: number,
): Promise<Uint8Array> {
  const reader = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(stream)
    .getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    chunks.push(read.value);
    length += read.value.length;
    if (length > bytesMax) {
      await reader.cancel();
      break;
    }
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
