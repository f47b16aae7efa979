import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { generatedNames, insideHome, insideId } from './etc-files.ts';
import { descriptors, initMount } from './init-script.ts';
import { profileMounts, type Sources } from './mounts.ts';
import type { SandboxRequest } from '../contract.ts';
import { systemDirectories } from '../tools.ts';
import { treeMount } from '../../../domain/names.ts';

/** Returns bubblewrap's arguments up to the command: every namespace, no capability, only named parts of the host. */
export function bubblewrapArguments(request: SandboxRequest, sources: Sources): string[] {
  const { network, devices, workspace, limits } = request;
  const scratch = String(limits.scratchMiB * 2 ** 20);
  return [
    ...['--json-status-fd', String(descriptors.status), '--seccomp', String(descriptors.seccomp)],
    ...['--unshare-user', '--unshare-ipc', '--unshare-pid', '--unshare-uts', '--unshare-cgroup-try'],
    '--disable-userns',
    ...(network ? [] : ['--unshare-net']),
    ...['--uid', String(insideId), '--gid', String(insideId), '--hostname', 'sandbox'],
    // The end of either side ends the other, and no daemon outlives them.
    ...['--die-with-parent', '--as-pid-1', '--new-session', '--cap-drop', 'ALL'],
    ...systemDirectories.flatMap(showSystemDirectory),
    ...['--proc', '/proc', '--dev', '/dev', ...sizedTmpfs(scratch, '/tmp'), ...sizedTmpfs('16777216', '/dev/shm')],
    ...hiddenFiles.filter((path) => existsSync(path)).flatMap((path) => ['--ro-bind', '/dev/null', path]),
    ...['--dir', insideHome, '--ro-bind', join(sources.generated, generatedNames.init), initMount],
    ...devices.flatMap((device) => ['--dev-bind-try', device, device]),
    ...showEtc(network),
    ...sources.toolchains.flatMap(({ host, path }) => ['--ro-bind', host, path]),
    ...sources.readOnly.flatMap(({ host, path }) => ['--ro-bind', host, path]),
    ...showTree(workspace, scratch, sources),
    ...(sources.guard ? ['--ro-bind', sources.guard, '/guard'] : []),
    ...(sources.profile
      ? [
          '--bind',
          sources.profile.directory,
          profileMounts.profile,
          '--ro-bind',
          sources.profile.tools,
          profileMounts.tools,
        ]
      : []),
    // Else both are writable without bound.
    ...['--remount-ro', '/dev', '--remount-ro', '/', '--chdir', workspace === 'copy' ? '/' : treeMount],
  ];
}

/** Files of /proc that tell of keyrings outside. A device that is mounted without devices cannot be opened. */
const hiddenFiles = ['/proc/keys', '/proc/key-users'];

function showSystemDirectory(path: string): string[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return [];
  return stat.isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
}

/** Shows of /etc what names, time and libraries need; with network also what finds and trusts a server. */
function showEtc(network: boolean): string[] {
  const own = {
    passwd: 'passwd',
    group: 'group',
    'nsswitch.conf': network ? 'nsswitch-network.conf' : 'nsswitch.conf',
    ...(network ? {} : { hosts: 'hosts' }),
  };
  const host = [
    ...['alternatives', 'ld.so.cache', 'localtime', 'ssl/certs'],
    ...(network ? ['hosts', 'resolv.conf', 'pki', 'ca-certificates', 'crypto-policies'] : []),
  ];
  return [
    // Links: each mount costs a run about a quarter of a millisecond.
    ...Object.entries(own).flatMap(([name, file]) => ['--symlink', join(initMount, 'etc', file), `/etc/${name}`]),
    ...host.flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]),
  ];
}

function showTree(workspace: SandboxRequest['workspace'], scratch: string, { tree, provided }: Sources): string[] {
  const root = {
    readonly: ['--ro-bind', tree, treeMount],
    writable: ['--bind', tree, treeMount],
    copy: ['--ro-bind', tree, '/src', ...sizedTmpfs(scratch, treeMount)],
  };
  return [
    ...root[workspace],
    ...provided.flatMap(({ path, host, caches }) => [
      ...['--ro-bind', host, join(treeMount, path)],
      ...caches.flatMap((cache) => sizedTmpfs(scratch, join(treeMount, path, cache))),
    ]),
  ];
}

function sizedTmpfs(bytes: string, path: string): string[] {
  return ['--size', bytes, '--tmpfs', path];
}
