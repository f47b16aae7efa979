import { execa } from 'execa';

/** Output that is kept for people, in UTF-16 units. */
const maxTail = 2_000;

interface OutsideEnd {
  passed: boolean;
  /** End of both streams. */
  tail: string;
}

/** Runs a Node.js program as this user, without a sandbox; the signal ends it with all that it has started. */
export async function runOutside(
  { directory, program, args }: { directory: string; program: string; args: readonly string[] },
  { seconds, signal }: { seconds: number; signal: AbortSignal },
): Promise<OutsideEnd> {
  const child = execa(process.execPath, [program, ...args], {
    ...{ cwd: directory, detached: true, stdin: 'ignore', all: true, reject: false, timeout: seconds * 1000 },
    // The worker's own server and place are none of theirs.
    env: { TEMPORAL_ADDRESS: undefined, TEMPORAL_NAMESPACE: undefined, TSX_TSCONFIG_PATH: undefined, CI: '1' },
  });
  const endAll = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // None is left.
    }
  };
  signal.addEventListener('abort', endAll, { once: true });
  if (signal.aborted) endAll();
  try {
    const { failed, all, timedOut } = await child;
    return { passed: !failed, tail: `${timedOut ? `no end in ${seconds} s\n` : ''}${all.slice(-maxTail)}` };
  } finally {
    signal.removeEventListener('abort', endAll);
    endAll();
  }
}
