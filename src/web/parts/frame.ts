/** When a page draws. */

/** Asks for `paint` with the next frame, once however often it is asked for. */
export function withNextFrame(paint: () => void): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      paint();
    });
  };
}

/** Returns what ends it. */
export function onResize(element: Element, listener: () => void): () => void {
  const resized = new ResizeObserver(listener);
  resized.observe(element);
  return () => resized.disconnect();
}
