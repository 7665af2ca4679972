/** Whether there is no room for what was to be written. `error` is what the system said. */
export const isDiskFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as { readonly code?: string }).code ?? '');

/** Why a file or a stream can't be written on, in a user's words. `error` is what the system said. */
export function writeProblem(error: unknown): string {
  if (isDiskFull(error)) return 'the disk is full';
  const { code, message } = error as { readonly code?: string; readonly message: string };
  switch (code) {
    case 'ENOENT':
      return 'there is no such folder';
    case 'EISDIR':
      return 'it is a folder';
    case 'EACCES':
      return 'this user may not write there';
    default:
      return message;
  }
}
