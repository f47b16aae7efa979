import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Returns true while a process has a sandboxed run under way. */
export function hasSandboxedRun(pid: number): boolean {
  return descendants(pid).some((child) => read(`/proc/${child}/comm`).trim() === 'bwrap');
}

/** Processes whose command line or environment names a directory. */
export function processesOf(directory: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => ['cmdline', 'environ'].some((file) => read(`/proc/${pid}/${file}`).includes(directory)))
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').slice(0, 200)}`);
}

/** Processes by their command line. */
export function pidsOf(matches: (commandLine: string) => boolean): number[] {
  return readdirSync('/proc')
    .filter(
      (name) =>
        /^\d+$/.test(name) &&
        Number(name) !== process.pid &&
        matches(read(`/proc/${name}/cmdline`).replaceAll('\0', ' ')),
    )
    .map(Number);
}

function descendants(pid: number): number[] {
  const tasks = existsSync(`/proc/${pid}/task`) ? safely(() => readdirSync(`/proc/${pid}/task`), []) : [];
  const children = tasks.flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Processes come and go. */
function read(file: string): string {
  return safely(() => readFileSync(file, 'utf8'), '');
}

function safely<T>(get: () => T, otherwise: T): T {
  try {
    return get();
  } catch {
    return otherwise;
  }
}
