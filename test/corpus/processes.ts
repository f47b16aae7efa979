import { readdirSync, readFileSync } from 'node:fs';

interface Process {
  pid: number;
  parent: number;
  /** Number, state and command line. */
  line: string;
  isMarked: boolean;
}

const parser = /^\d+ [RSD] .*\/adapters\/parsers\/parse-process\.mjs $/;

/**
 * Lists the processes left of a worker's runs, a line each: descendants, zombies too, carriers of the mark, members
 * of the runs' control groups. The worker's own parser is none of theirs, and is kept for the next text.
 */
export function processesOf(worker: number, mark: string): string[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== worker)
    .flatMap((name) => readProcess(Number(name), worker, mark) ?? []);
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const descends = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent === worker || (parent !== undefined && descends(parent));
  };
  const isParser = ({ parent, line }: Process) => parent === worker && parser.test(line);
  return all.filter((one) => one.isMarked || (descends(one.pid) && !isParser(one))).map(({ line }) => line);
}

/** Null where it has ended meanwhile. */
function readProcess(pid: number, worker: number, mark: string): Process | null {
  const read = (name: string) => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, 'latin1');
    } catch {
      return null;
    }
  };
  const stat = read('stat');
  if (stat === null) return null;
  const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const isMarked =
    (read('environ') ?? '').includes(`CORPUS_MARK=${mark}`) ||
    (read('cgroup') ?? '').includes(`/karpathy-loop-${worker}-`);
  return {
    pid,
    parent: Number(parent),
    isMarked,
    line: `${pid} ${state} ${(read('cmdline') ?? '').replaceAll('\0', ' ').slice(0, 400)}`,
  };
}
