/** The same script. V8 takes ASCII as it is; else it decodes all of it, and keeps twice the bytes. @param {string} script */
export const inAscii = (script) =>
  script.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
