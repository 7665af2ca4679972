/** Colours for terminals: what is typed stands out from what is printed. */
export const consoleGrammar = {
  name: 'kvx-console',
  scopeName: 'source.kvx-console',
  patterns: [
    {
      match: '^( *)([$>]|127[.0-9:]+>|kvx.*>) (.*)$',
      captures: { 2: { name: 'comment.line' }, 3: { name: 'constant.language' } },
    },
    { match: '^ *error: .*$', name: 'invalid.illegal' },
  ],
};

/** Colours for scenarios: comments, what expectations begin with, blocks, flags, values. */
export const kvxGrammar = {
  name: 'kvx',
  scopeName: 'source.kvx',
  patterns: [
    { name: 'comment.line.number-sign', match: '(^|\\s)#.*$' },
    { name: 'string.quoted.double', begin: '"', end: '"' },
    { name: 'keyword.control', match: '^\\s*(expect|try|at once|at|repeat|client|end|txn)\\b' },
    { name: 'keyword.operator', match: '==|!=|\\b(?:within|fails|in|absent|present|ok|agree)\\b' },
    { name: 'variable.parameter', match: '(?<=\\s)--?[a-z][-a-z]*' },
    { name: 'constant.numeric', match: '\\b\\d[\\d.]*(?:ms|s|m|h|%)?(?=\\s|$)' },
    {
      name: 'support.function',
      match:
        '\\b(?:cluster|node|fault|put|get|delete|insert|update|cas|search|dump|verify|stabilize|wait|history|echo)\\b',
    },
  ],
};
