/** Exit codes of all commands. */
export const exitCodes = {
  ok: 0,
  error: 1,
  usage: 2,
  sandbox: 3,
  notConfirmed: 4,
  undetermined: 5,
  interrupted: 130,
} as const;

/** What each means, for --help and docs/commands.md. */
export const exitMeanings: Record<keyof typeof exitCodes, string> = {
  ok: 'done; for "run" and "attach": the loop ended; for "verify": confirmed; for "pick" and "revert": a gain; for "doctor": no failure',
  error: 'refused or failed, one line "error: …" per fact; for "doctor": a failure',
  usage: 'the command line or its input is wrong',
  sandbox: 'the sandbox cannot hold on this machine',
  notConfirmed: '"verify": not confirmed; "pick" and "revert": no gain',
  undetermined: '"verify", "pick" and "revert": undetermined',
  interrupted: 'interrupted, by Ctrl-C or SIGTERM; no finished step is lost',
};

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
