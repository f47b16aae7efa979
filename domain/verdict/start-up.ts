/** Arguments by which interpreters and launchers do nothing. */
const nothing: [options: string, names: string][] = [
  ['-e 0', 'node nodejs bun tsx perl julia Rscript'],
  ['eval 0', 'deno'],
  ['--version && node -e 0', 'npm npx pnpm yarn'],
  ['-c pass', 'python pypy'],
  ['-e nil', 'ruby'],
  ["-r ''", 'php'],
  ["-e ''", 'lua luajit'],
  ['-version', 'java'],
  ['--version', 'dotnet cargo'],
  ['version', 'go'],
  ['-c :', 'bash sh'],
];
const byName = new Map(nothing.flatMap(([options, names]) => names.split(' ').map((name) => [name, options])));

/** Returns a command that starts the benchmark's interpreter and does nothing; `true` where none is known. */
export function startUpOf(command: string): string {
  for (const word of command.split(/[\s;&|()]+/)) {
    if (!/^[A-Za-z0-9_./+-]+$/.test(word)) continue;
    const name = word.slice(word.lastIndexOf('/') + 1);
    const options = byName.get(name) ?? byName.get(name.replace(/[0-9.]+$/, ''));
    if (options) return `${word} ${options}`;
  }
  return 'true';
}
