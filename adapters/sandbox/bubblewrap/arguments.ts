import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { insideHome, insideId } from './etc-files.ts';
import { descriptors } from './init-script.ts';
import type { Sources } from './mounts.ts';
import type { SandboxRequest } from '../contract.ts';
import { systemDirectories } from '../tools.ts';

/**
 * Arguments of bubblewrap up to the command: every namespace, no capability, and nothing of the host but what is named here.
 * `/` and `/dev` are made read-only last; else both are writable without bound.
 */
export function bubblewrapArguments(
  { network, devices, workspace, limits, profile, watched = [] }: SandboxRequest,
  toolchains: string[],
  sources: Sources,
): string[] {
  const scratch = String(limits.scratchMiB * 2 ** 20);
  return [
    ...['--json-status-fd', String(descriptors.status)],
    ...[
      '--unshare-user',
      '--unshare-ipc',
      '--unshare-pid',
      '--unshare-uts',
      '--unshare-cgroup-try',
      '--disable-userns',
    ],
    ...(network ? [] : ['--unshare-net']),
    ...['--uid', String(insideId), '--gid', String(insideId), '--hostname', 'sandbox'],
    // The end of either side ends the other, and no daemon outlives them.
    ...['--die-with-parent', '--as-pid-1', '--new-session', '--cap-drop', 'ALL'],
    ...systemDirectories.flatMap(showSystemDirectory),
    ...[
      '--proc',
      '/proc',
      '--dev',
      '/dev',
      '--size',
      scratch,
      '--tmpfs',
      '/tmp',
      '--size',
      '16777216',
      '--tmpfs',
      '/dev/shm',
    ],
    ...['--dir', insideHome],
    ...devices.flatMap((device) => ['--dev-bind-try', device, device]),
    ...showEtc(network, sources.generated),
    ...toolchains.flatMap((path) => ['--ro-bind', path, path]),
    ...sources.readOnly.flatMap(({ host, path }) => ['--ro-bind', host, path]),
    ...showTree(workspace, scratch, sources),
    ...(sources.guard ? ['--ro-bind', sources.guard, '/guard'] : []),
    ...(watched.length > 0 ? ['--ro-bind', join(sources.generated, 'exit-guard'), '/exit-guard'] : []),
    ...(profile && sources.profile
      ? ['--bind', sources.profile, '/profile', '--ro-bind', join(sources.generated, 'node-shim'), '/node-shim']
      : []),
    ...['--remount-ro', '/dev', '--remount-ro', '/', '--chdir', workspace === 'copy' ? '/' : '/repo'],
  ];
}

function showSystemDirectory(path: string): string[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return [];
  return stat.isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
}

/** Enough of /etc for names, time and libraries; with network also what finds and trusts a server. */
function showEtc(network: boolean, generated: string): string[] {
  const own: [string, string][] = [
    ['passwd', 'passwd'],
    ['group', 'group'],
    [network ? 'nsswitch-network.conf' : 'nsswitch.conf', 'nsswitch.conf'],
    ...(network ? [] : ([['hosts', 'hosts']] satisfies [string, string][])),
  ];
  const host = [
    'alternatives',
    'ld.so.cache',
    'localtime',
    'ssl/certs',
    ...(network ? ['hosts', 'resolv.conf', 'pki', 'ca-certificates', 'crypto-policies'] : []),
  ];
  return [
    ...own.flatMap(([name, shown]) => ['--ro-bind', join(generated, 'etc', name), `/etc/${shown}`]),
    ...host.flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]),
  ];
}

function showTree(workspace: SandboxRequest['workspace'], scratch: string, { tree, provided }: Sources): string[] {
  const root = {
    readonly: ['--ro-bind', tree, '/repo'],
    writable: ['--bind', tree, '/repo'],
    copy: ['--ro-bind', tree, '/src', '--size', scratch, '--tmpfs', '/repo'],
  };
  const caches = ({ path, caches }: Sources['provided'][number]) =>
    caches.flatMap((cache) => ['--size', scratch, '--tmpfs', join('/repo', path, cache)]);
  return [
    ...root[workspace],
    ...provided.flatMap((entry) => ['--ro-bind', entry.host, join('/repo', entry.path), ...caches(entry)]),
  ];
}
