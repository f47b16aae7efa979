import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { completions, type CompletedCommand } from '../../../client/terminal/completion.ts';

const commands: CompletedCommand[] = [
  {
    name: 'run',
    description: "a person's loop: all in one",
    options: [{ flag: '--json', description: 'lines: JSON' }],
  },
  { name: 'report', description: 'what came of it', options: [{ flag: '--repository', description: 'the one' }] },
];

describe('completion in a real bash', () => {
  it.each<[string[], string[]]>([
    [[''], ['run', 'report']],
    [['re'], ['report']],
    [['run', '--'], ['--json']],
    [['report', '--repo'], ['--repository']],
    [['report', 'src'], []],
  ])('of %j is %j', (words, expected) => {
    const script = `${completions.bash(commands)}
      COMP_WORDS=(karpathy-loop ${words.map((word) => `'${word}'`).join(' ')})
      COMP_CWORD=${words.length}
      _karpathy_loop
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const said = execFileSync('bash', ['-c', script], { encoding: 'utf8' });
    expect(said.split('\n').filter(Boolean)).toEqual(expected);
  });
});

it('the script of zsh has every command and flag with its description, quoted', () => {
  const script = completions.zsh(commands);
  expect(script).toContain(`found=('run:a person'\\''s loop: all in one' 'report:what came of it')`);
  expect(script).toContain(`    run) found=('--json:lines: JSON') ;;`);
  expect(script.startsWith('#compdef karpathy-loop\n')).toBe(true);
});

it('the script of fish has a line for every command and flag', () => {
  expect(completions.fish(commands).trim().split('\n')).toEqual([
    `complete -c karpathy-loop -n __fish_use_subcommand -f -a run -d 'a person'\\''s loop: all in one'`,
    `complete -c karpathy-loop -n '__fish_seen_subcommand_from run' -l json -d 'lines: JSON'`,
    `complete -c karpathy-loop -n __fish_use_subcommand -f -a report -d 'what came of it'`,
    `complete -c karpathy-loop -n '__fish_seen_subcommand_from report' -l repository -d 'the one'`,
  ]);
});
