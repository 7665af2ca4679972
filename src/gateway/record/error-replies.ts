/** Whether an error reply says that nothing happened. */

/** By the first word. What is not among them may be anything. */
const definiteCodes: ReadonlySet<string> = new Set([
  ...['ERR', 'WRONGTYPE', 'NOAUTH', 'NOPERM', 'WRONGPASS', 'DENIED', 'NOPROTO'],
  ...['OOM', 'READONLY', 'LOADING', 'BUSY', 'MISCONF', 'NOREPLICAS', 'MASTERDOWN', 'NOTREADY'],
  ...['MOVED', 'ASK', 'CLUSTERDOWN', 'CROSSSLOT', 'TRYAGAIN', 'EXECABORT', 'NOSCRIPT', 'BUSYKEY'],
  // Of a kvx node.
  'UNAVAIL',
]);

export const isDefinite = (text: string): boolean =>
  definiteCodes.has(text.slice(0, text.search(/ |$/)));

/** Of a script, which may have done half of its work before it failed: it was not begun. */
export const wasNotBegun = (text: string): boolean =>
  /^(NOSCRIPT|NOAUTH|NOPERM|LOADING|BUSY|MISCONF|MOVED|ASK|CLUSTERDOWN|CROSSSLOT|MASTERDOWN)\b/.test(
    text,
  ) || /^ERR (unknown command|wrong number of arguments for '(eval|fcall))/i.test(text);
