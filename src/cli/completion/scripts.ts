/** What a shell is told about kvx. Each asks kvx itself what may stand at the cursor, as `entry.ts` answers it. */
import type { ShellName } from '../../operations/completion-program.js';

const bash = `# Completion of kvx for bash.
_kvx() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("$line")
  done < <("$1" complete bash "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
  # Behind these the word goes on.
  if [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *[=/] ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
complete -F _kvx kvx
`;

const zsh = `#compdef kvx
# Completion of kvx for zsh.
_kvx() {
  local line word
  local -a whole open
  for line in "\${(@f)$("\${(Q)words[1]}" complete zsh "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}"; do
    [[ -n $line ]] || continue
    word=\${line%%$'\\t'*}
    # A colon parts a word from what it means.
    word=\${word//:/\\\\:}
    [[ $line == *$'\\t'* ]] && line="$word:\${line#*$'\\t'}" || line=$word
    # Behind these the word goes on.
    if [[ $word == *[=/] ]]; then open+=("$line"); else whole+=("$line"); fi
  done
  _describe -t kvx kvx whole -- open -S ''
}
if [[ $funcstack[1] == _kvx ]]; then
  _kvx "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
  compdef _kvx kvx
fi
`;

const fish = `# Completion of kvx for fish.
function __kvx_complete
    set -l program (commandline -opc)[1]
    test -n "$program"; or set program kvx
    command $program complete fish (commandline -cp | string collect) 2>/dev/null
end
complete -c kvx -e
complete -c kvx -f -k -a '(__kvx_complete)'
`;

export const completionScripts: Readonly<Record<ShellName, string>> = { bash, zsh, fish };
