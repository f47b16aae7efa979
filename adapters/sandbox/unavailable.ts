import { readFileSync } from 'node:fs';

/** Thrown where no sandbox can be made and going without is not allowed, with fact and remedy. */
export class SandboxUnavailable extends Error {
  override readonly name = 'SandboxUnavailable';
}

export function unavailable(fact: string, remedy: string): SandboxUnavailable {
  return new SandboxUnavailable(
    `sandbox: ${fact}; ${remedy}, or allow runs without a sandbox with --allow-unsandboxed, for code that you trust`,
  );
}

export function missingProgram(program: string, packageName: string): SandboxUnavailable {
  return unavailable(`${program} is not on this machine's PATH`, `install it (${installCommand(packageName)})`);
}

/** Explains bubblewrap's complaint when it could not make the sandbox. */
export function cannotStart(message: string): SandboxUnavailable {
  return unavailable(`bubblewrap cannot make a sandbox here (${message})`, remedyFor(message));
}

function remedyFor(message: string): string {
  const container = 'the container with "--security-opt seccomp=unconfined --security-opt systempaths=unconfined"';
  if (/ENOSPC|No space left|max_user_namespaces/i.test(message))
    return 'user namespaces are used up or off: set "sysctl user.max_user_namespaces=15000" outside of any container';
  if (/uid map|RTM_NEWADDR/i.test(message))
    return 'AppArmor restricts user namespaces: load profile bwrap-userns-restrict (Ubuntu: in apparmor-profiles)';
  if (/new namespace.*(EPERM|not permitted)|No permissions to create/i.test(message))
    return `user namespaces are not permitted: set "sysctl kernel.unprivileged_userns_clone=1" or start ${container}`;
  if (/seccomp/i.test(message))
    return 'this kernel cannot filter system calls: use one with seccomp (CONFIG_SECCOMP_FILTER)';
  if (/execvp .*init/.test(message))
    return 'programs cannot run from the data directory (mounted noexec): give another one by --data';
  if (/proc/i.test(message))
    return '/proc is restricted here (hidepid, or a masking container): mount it without, or use a virtual machine';
  return 'see that user namespaces work for this user ("unshare --user true")';
}

const installers: [family: RegExp, command: string][] = [
  [/debian|ubuntu/, 'apt-get install'],
  [/fedora|rhel|centos/, 'dnf install'],
  [/suse/, 'zypper install'],
  [/arch/, 'pacman -S'],
  [/alpine/, 'apk add'],
];

/** Returns this distribution's command that installs a package. */
function installCommand(packageName: string): string {
  const [, command] = installers.find(([family]) => family.test(osFamily())) ?? [];
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  return command ? `${sudo}${command} ${packageName}` : `package ${packageName} of your distribution`;
}

function osFamily(): string {
  try {
    const release = readFileSync('/etc/os-release', 'utf8');
    return release.match(/^(ID|ID_LIKE)=.*$/gm)?.join(' ') ?? '';
  } catch {
    return '';
  }
}
