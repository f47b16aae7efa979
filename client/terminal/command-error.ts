/** Exit codes, as --help documents them. */
export const exitCodes = {
  ok: 0,
  error: 1,
  usage: 2,
  sandbox: 3,
  notConfirmed: 4,
  undetermined: 5,
  interrupted: 130,
} as const;

/** Ends a command with an exit code, and one line per fact for the person. */
export class CommandError extends Error {
  readonly lines: readonly string[];
  readonly exitCode: number;

  constructor(lines: string | readonly string[], exitCode: number = exitCodes.error) {
    const all = typeof lines === 'string' ? [lines] : lines;
    super(all.join('\n'));
    this.name = 'CommandError';
    this.lines = all;
    this.exitCode = exitCode;
  }
}
