/** A command, as completion knows it. */
/** @internal */
export interface CompletedCommand {
  name: string;
  description: string;
  options: readonly { flag: string; description: string }[];
}

type Writer = (commands: readonly CompletedCommand[]) => string;

/** Writers of a shell's completion script: commands first, then a command's flags, else files. */
export const completions: Record<'bash' | 'zsh' | 'fish', Writer> = { bash, zsh, fish };

const program = 'karpathy-loop';

function bash(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ name, options }) => `    ${name}) words='${flagsOf(options)}' ;;`);
  return `_karpathy_loop() {
  local words='' current=\${COMP_WORDS[COMP_CWORD]}
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
  ((COMP_CWORD == 1)) && words='${commands.map(({ name }) => name).join(' ')}'
  COMPREPLY=()
  if ((COMP_CWORD == 1)) || [[ $current == -* ]]; then COMPREPLY=($(compgen -W "$words" -- "$current")); fi
}
complete -o default -F _karpathy_loop ${program}
`;
}

function zsh(commands: readonly CompletedCommand[]): string {
  const described = (name: string, description: string) => quote(`${name.replaceAll(':', '\\:')}:${description}`);
  const cases = commands.map(({ name, options }) => {
    const words = options.map(({ flag, description }) => described(flag, description));
    return `    ${name}) found=(${words.join(' ')}) ;;`;
  });
  return `#compdef ${program}
_karpathy_loop() {
  local -a found
  if ((CURRENT == 2)); then
    found=(${commands.map(({ name, description }) => described(name, description)).join(' ')})
    _describe command found
    return
  fi
  case $words[2] in
${cases.join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then _describe -o option found; else _files; fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _karpathy_loop "$@"; else compdef _karpathy_loop ${program}; fi
`;
}

function fish(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, description, options }) => [
    `complete -c ${program} -n __fish_use_subcommand -f -a ${name} -d ${quote(description)}`,
    ...options.map(
      ({ flag, description }) =>
        `complete -c ${program} -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)} -d ${quote(description)}`,
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

function flagsOf(options: CompletedCommand['options']): string {
  return options.map(({ flag }) => flag).join(' ');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
