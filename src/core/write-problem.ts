/** Why a file or a stream can't be written on, in a user's words. `error` is what the system said. */
export function writeProblem(error: unknown): string {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full';
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
