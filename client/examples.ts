/** Examples of each command, for its --help and docs/commands.md: a command line, and what it does. @internal */
export const examples: Record<string, readonly (readonly [line: string, does: string])[]> = {
  run: [
    ['karpathy-loop run', 'the loop of ./loop.json'],
    ['karpathy-loop run ../parser --allow-setup-network --iterations 20', 'let "npm ci" reach the network'],
    ["karpathy-loop run . --command-source agent='./propose.sh' --command agent", 'a program of your own proposes'],
    ['karpathy-loop run . --detach', 'return at once; "attach" shows the loop'],
    ['karpathy-loop run --json --quiet > events.jsonl', 'for a program: one event a line'],
  ],
  attach: [
    ['karpathy-loop attach', 'the only open loop, from any terminal'],
    ['karpathy-loop attach parser-1a2b3c4d --json', 'its events as lines of JSON'],
  ],
  down: [['karpathy-loop down', 'open loops wait until "attach", or "run" again']],
  start: [['karpathy-loop start ../parser --address temporal.example:7233', 'on a worker that runs there']],
  schedule: [
    ["karpathy-loop schedule create . --id nightly --cron '0 22 * * *' --base main", 'each night, from main on'],
    ['karpathy-loop schedule list', 'with their next loops'],
    ['karpathy-loop schedule delete nightly', 'a loop that runs goes on'],
  ],
  mcp: [
    ['karpathy-loop mcp --repository ../parser', 'an agent may start loops on that repository'],
    ['karpathy-loop mcp --repository . --allow-setup-network', 'and their setup may reach the network'],
  ],
  worker: [
    ['karpathy-loop worker --settings worker.json --metrics 127.0.0.1:9464', 'loops of others, with metrics'],
    ['karpathy-loop worker --deployment parser', 'open iterations stay on their code at an upgrade'],
  ],
  adopt: [
    ['karpathy-loop adopt karpathy-loop/self-1a2b3c4d', 'the newest commit of a loop on this product, in its checkout'],
    ['karpathy-loop adopt 1a2b3c4d --trial 600 --iterations 5', 'a longer trial'],
    ['karpathy-loop adopt --back', 'the last good build works again, at once'],
  ],
  selves: [['karpathy-loop selves', 'which build works, and each adoption with its reason']],
  status: [
    ['karpathy-loop status', 'the only open loop'],
    ['karpathy-loop status parser-1a2b3c4d --follow', 'until it ends'],
  ],
  pause: [['karpathy-loop pause parser-1a2b3c4d', 'after the iteration under way']],
  resume: [['karpathy-loop resume parser-1a2b3c4d', 'let it go on']],
  stop: [
    ['karpathy-loop stop', 'the only open loop, after the iteration under way'],
    ['karpathy-loop stop parser-1a2b3c4d --now', 'at once'],
  ],
  brief: [
    ['karpathy-loop brief .', 'before the first iteration'],
    ['karpathy-loop brief parser-1a2b3c4d --as qwen2.5-coder:7b', 'what that model would be asked next'],
  ],
  hint: [['karpathy-loop hint parser-1a2b3c4d "the table is always sorted"', 'from the next iteration on']],
  report: [
    ['karpathy-loop report', 'the newest loop of this repository'],
    ['karpathy-loop report parser-1a2b3c4d --json', 'with every record, for a program'],
    ['karpathy-loop report --html report.html', 'as a page: progress, pairs and diffs'],
    ['karpathy-loop report --markdown > pull-request.md', 'as text for a pull request'],
  ],
  watch: [
    ['karpathy-loop watch --web', 'the page of the newest loop of this repository, brought up to date by itself'],
    ['karpathy-loop watch parser-1a2b3c4d', 'the text, again after each iteration'],
  ],
  show: [
    ['karpathy-loop show 3', 'iteration 3 of the newest loop of this repository'],
    ['karpathy-loop show 3 --loop parser-1a2b3c4d --json', 'with every sample, for a program'],
  ],
  pick: [
    ['karpathy-loop pick 2 5', 'the commits of iterations 2 and 5 of the newest loop, on a branch of their own'],
    ['karpathy-loop pick 2 5 --branch faster-parser --markdown > pull-request.md', 'with the text for a pull request'],
  ],
  revert: [['karpathy-loop revert 4 --loop parser-1a2b3c4d', 'all commits of that loop but the one of iteration 4']],
  verify: [['karpathy-loop verify karpathy-loop/parser-1a2b3c4d', "the newest commit of a loop's branch"]],
  doctor: [
    ['karpathy-loop doctor', 'this machine alone'],
    ['karpathy-loop doctor . --runs 20', 'the benchmark too: which gain it can prove, and how long that takes'],
  ],
  clean: [['karpathy-loop clean parser-1a2b3c4d --refs --branch', 'the ledger and the commits too']],
  setup: [['karpathy-loop setup temporal', 'the server alone']],
  completion: [
    ['karpathy-loop completion bash >> ~/.bashrc', 'for every new bash'],
    ['karpathy-loop completion zsh > "${fpath[1]}/_karpathy-loop"', 'for zsh'],
    ['karpathy-loop completion fish > ~/.config/fish/completions/karpathy-loop.fish', 'for fish'],
  ],
  decide: [['echo \'{"pairs": [[102, 95], [101, 94]]}\' | karpathy-loop decide', 'two pairs do not decide yet']],
};

/** The examples of a command as lines of its help. */
export function exampleLines(name: string): string {
  const own = examples[name] ?? [];
  const width = Math.max(...own.map(([line]) => line.length));
  return own.length === 0
    ? ''
    : `\nExamples:\n${own.map(([line, does]) => `  ${line.padEnd(width)}  ${does}`).join('\n')}`;
}
