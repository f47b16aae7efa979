import { readdirSync, readFileSync } from 'node:fs';
import type { Cgroup, CgroupVersion } from '../limits/cgroup.ts';
import { descriptors } from './init-script.ts';
import { droppedId, isRoot, type Staging } from '../reachable.ts';

/** What the host has, found once. Programs by absolute path. */
export interface Host {
  bwrap: string;
  /** Of util-linux. */
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
 * Puts before bubblewrap what has to happen outside: join the cgroup, mount what only root can reach (in a mount namespace of the run's own),
 * and drop root. Never bubblewrap under the host's uid 0: what it starts would be root to the kernel, which checks /proc/sys by that.
 */
export function outerCommand(
  { setpriv, unshare, mount, bash, leaked }: Host,
  group: Cgroup | null,
  { mounts }: Staging,
  inside: string[],
): string[] {
  const joins = (group?.joins ?? []).flatMap((file) => ['join', file]);
  // What bubblewrap dies with is its parent, and that is bash then.
  const isTimed = bash !== null && !group;
  const prepared = [...mounts.flatMap(([source, point]) => ['mount', source, point]), ...joins];
  return [
    // bash, since other shells take one digit only.
    ...(bash && leaked.length > 0
      ? [bash, '--norc', '-c', `exec ${leaked.map((fd) => `${fd}>&-`).join(' ')}; exec "$@"`, 'bash']
      : []),
    ...(mounts.length > 0 ? [unshare, '--mount', '--'] : []),
    ...(prepared.length > 0 ? ['/bin/sh', '-c', prelude, mount, ...prepared, '--'] : []),
    ...(isRoot || isTimed
      ? [setpriv, ...(isRoot ? dropped : []), ...(isTimed ? ['--pdeathsig', 'KILL'] : []), '--']
      : []),
    ...(isTimed ? timed(bash) : []),
    ...inside,
  ];
}

const dropped = ['--reuid', String(droppedId), '--regid', String(droppedId), '--clear-groups', '--no-new-privs'];

/** Node.js closes what it opened itself, but not what its own parent left open. */
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

/** O_CLOEXEC of Linux. */
const closeOnExec = 0o2000000;

/** Arguments of a shell that runs the rest of them and writes its user and system seconds to the descriptor for times. */
export function timed(bash: string): string[] {
  const { times } = descriptors;
  return [bash, '--norc', '-c', `TIMEFORMAT='%3U %3S'; { time "$@" 2>&6 6>&- ${times}>&-; } 6>&2 2>&${times}`, 'bash'];
}

/** $0 is the path of `mount`. */
const prelude = `
while [ "$1" != -- ]; do
  case $1 in
    join) echo 0 >"$2" || exit 125; shift 2 ;;
    mount) "$0" --bind "$2" "$3" || exit 125; shift 3 ;;
  esac
done
shift
exec "$@"`;
