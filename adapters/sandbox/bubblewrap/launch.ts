import { readdirSync, readFileSync } from 'node:fs';
import type { CgroupVersion } from '../limits/cgroup.ts';
import { descriptors } from './init-script.ts';
import { droppedId, isRoot } from '../run-user.ts';
import type { Staging } from './staging.ts';

/** Programs and abilities of this host, found once. Programs by absolute path. */
export interface Host {
  bwrap: string;
  setpriv: string;
  unshare: string;
  mount: string;
  /** Measures CPU time where no cgroup does; null if there is none. */
  bash: string | null;
  cgroup: CgroupVersion | null;
  /** File descriptors that this process was started with and that everything it starts would get. */
  leaked: number[];
  /** Directory of generated files. */
  generated: string;
}

/**
 * Prefixes bubblewrap with actions outside: join the cgroup, mount what only root can reach, drop root.
 * @param inside bubblewrap and its arguments
 */
export function launchCommand(host: Host, joins: string[], mounts: Staging['mounts'], inside: string[]): string[] {
  const { setpriv, unshare, mount, bash, leaked } = host;
  const isTimed = bash !== null && joins.length === 0;
  const prepared = [
    ...mounts.flatMap(([source, point]) => ['mount', source, point]),
    ...joins.flatMap((file) => ['join', file]),
  ];
  return [
    // bash, since other shells take one digit only.
    ...(bash && leaked.length > 0
      ? [bash, '--norc', '-c', `exec ${leaked.map((fd) => `${fd}>&-`).join(' ')}; exec "$@"`, 'bash']
      : []),
    ...(mounts.length > 0 ? [unshare, '--mount', '--'] : []),
    ...(prepared.length > 0 ? ['/bin/sh', '-c', prelude, mount, ...prepared, '--'] : []),
    // bubblewrap dies with its parent, and that is bash then.
    ...(isRoot || isTimed
      ? [setpriv, ...(isRoot ? dropped : []), ...(isTimed ? ['--pdeathsig', 'KILL'] : []), '--']
      : []),
    ...(isTimed ? measuringCpuTime(bash) : []),
    ...inside,
  ];
}

/** Keeps bubblewrap from running as the host's uid 0, by which the kernel guards /proc/sys. */
const dropped = ['--reuid', String(droppedId), '--regid', String(droppedId), '--clear-groups', '--no-new-privs'];

/** Runs the actions in its arguments up to "--", then the rest; $0 is the path of `mount`. */
const prelude = `
while [ "$1" != -- ]; do
  case $1 in
    join) echo 0 >"$2" || exit 125; shift 2 ;;
    mount) "$0" --bind "$2" "$3" || exit 125; shift 3 ;;
  esac
done
shift
exec "$@"`;

/** Returns a command prefix that writes the command's user and system seconds to the descriptor for times. */
export function measuringCpuTime(bash: string): string[] {
  const { times } = descriptors;
  return [bash, '--norc', '-c', `TIMEFORMAT='%3U %3S'; { time "$@" 2>&7 7>&- ${times}>&-; } 7>&2 2>&${times}`, 'bash'];
}

/** O_CLOEXEC of Linux. */
const closeOnExec = 0o2000000;

/** Finds what this process's own parent left open; Node.js closes only what it opened itself. */
export function findLeakedDescriptors(): number[] {
  const inherited = readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => fd > Math.max(...Object.values(descriptors)));
  return inherited.filter((fd) => {
    try {
      const [, flags] = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? [];
      return (parseInt(flags ?? '0', 8) & closeOnExec) === 0;
    } catch {
      return false;
    }
  });
}
