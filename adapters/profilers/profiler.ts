import type { SandboxKind } from '../sandbox/contract.ts';

/** One way to profile a run. All of it is for a run of its own, whose metric is thrown away. */
export interface Profiler {
  name: string;
  /** Files that the run sees, by path in its directory of tools; what lies in `bin` comes first on PATH. */
  files?: () => Promise<Record<string, string>>;
  /** Variables for the run, "{tools}" for the place of these files. @param granted those that it has anyway */
  environment?: (granted: Record<string, string>) => Record<string, string>;
  /** Rewrites the benchmark's command; $KARPATHY_LOOP_PROFILE is where profiles go. */
  wrap?: (command: string) => string;
  /** Times that a run may take longer. */
  slowdown: number;
  /** Tells why this machine cannot, or null. */
  unusable?: (sandbox: SandboxKind) => Promise<string | null>;
  /** Watches one run from outside. @param output file for what is seen, which no run can name */
  watch?: (output: string) => Watch;
}

/** One run that is watched from outside. */
interface Watch {
  begins(first: number): void;
  /** Settles when nothing more is written. */
  end(): Promise<void>;
  /** Command that turns /profile/perf.data into text beside it, in a run of its own. */
  convert: string;
}

/** Puts a directory before those that a variable of directories has. */
export function before(first: string, rest: string | undefined, separator: string): string {
  return [first, ...(rest ? [rest] : [])].join(separator);
}

/** Quotes a text as one word of a shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
