/** Arguments by which an interpreter or launcher does nothing. */
const nothing: Record<string, string> = {
  node: '-e 0',
  nodejs: '-e 0',
  deno: 'eval 0',
  bun: '-e 0',
  npm: '--version && node -e 0',
  npx: '--version && node -e 0',
  pnpm: '--version && node -e 0',
  yarn: '--version && node -e 0',
  tsx: '-e 0',
  python: '-c pass',
  pypy: '-c pass',
  ruby: '-e nil',
  perl: '-e 0',
  php: "-r ''",
  lua: "-e ''",
  luajit: "-e ''",
  julia: '-e 0',
  Rscript: '-e 0',
  java: '-version',
  dotnet: '--version',
  cargo: '--version',
  go: 'version',
  bash: '-c :',
  sh: '-c :',
};

/**
 * Returns a command that starts the benchmark's interpreter and does nothing; else `true`. A package manager counts
 * with Node.js. An underestimate makes the check of a gain stricter.
 */
export function startUpOf(command: string): string {
  for (const word of command.split(/[\s;&|()]+/)) {
    if (!/^[A-Za-z0-9_./+-]+$/.test(word)) continue;
    const name = word.slice(word.lastIndexOf('/') + 1);
    const known = [name, name.replace(/[0-9.]+$/, '')].find((one) => Object.hasOwn(nothing, one));
    if (known) return `${word} ${nothing[known]}`;
  }
  return 'true';
}
