import type { Shape, Sink } from '../../core/wire.js';

/** What all items that it takes weigh. */
class Scales implements Sink {
  bytes = 0;

  list(): void {
    this.bytes += 5;
  }

  item(value: unknown): void {
    if (Array.isArray(value)) {
      this.list();
      for (const each of value) this.item(each);
    } else if (typeof value === 'string' || value instanceof Uint8Array) {
      this.bytes += value.length + 5;
    } else this.bytes += 9;
  }
}

const scales = new Scales();

/** About how many bytes a value takes on its way: exact for what is large, rough for what is small. */
export function weightOf<T>(shape: Shape<T>, value: T): number {
  scales.bytes = 0;
  shape.write(value, scales);
  return scales.bytes;
}
