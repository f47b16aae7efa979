import { readFileSync } from 'node:fs';

/** No sandbox can be made here, and the person did not allow to go without. The message names the fact and the remedy. */
export class SandboxUnavailable extends Error {
  override readonly name = 'SandboxUnavailable';
}

const without = 'or allow runs without a sandbox with --allow-unsandboxed, for code that you trust';

export function notLinux(platform: string): SandboxUnavailable {
  return new SandboxUnavailable(
    `sandbox: bubblewrap works on Linux only and this is ${platform}; use a Linux virtual machine or container, ${without}`,
  );
}

export function missingProgram(program: string, packageName: string): SandboxUnavailable {
  return new SandboxUnavailable(
    `sandbox: ${program} is not on this machine's PATH; install it (${installCommand(packageName)}), ${without}`,
  );
}

export function tooOld(version: string): SandboxUnavailable {
  return new SandboxUnavailable(
    `sandbox: bubblewrap ${version} is too old, 0.8 or newer is needed; install a newer one, ${without}`,
  );
}

/** What bubblewrap said when it could not make the sandbox, and what usually helps. */
export function cannotStart(message: string): SandboxUnavailable {
  return new SandboxUnavailable(
    `sandbox: bubblewrap cannot make a sandbox here (${message}); ${remedy(message)}, ${without}`,
  );
}

function remedy(message: string): string {
  if (/ENOSPC|No space left|max_user_namespaces/i.test(message)) {
    return 'user namespaces are used up or switched off: raise them with "sysctl user.max_user_namespaces=15000", outside of any container';
  }
  if (/uid map|RTM_NEWADDR/i.test(message)) {
    return 'an AppArmor rule restricts user namespaces: load a profile that allows them for bwrap (Ubuntu: package apparmor-profiles, bwrap-userns-restrict)';
  }
  if (/new namespace.*(EPERM|not permitted)|No permissions to create/i.test(message)) {
    return 'user namespaces are not permitted: set "sysctl kernel.unprivileged_userns_clone=1", or start the container with "--security-opt seccomp=unconfined --security-opt systempaths=unconfined"';
  }
  if (/proc/i.test(message))
    return '/proc is restricted here (hidepid, or a container that masks it): mount it without, or use a virtual machine';
  return 'see that user namespaces work for this user ("unshare --user true")';
}

/** The command of this distribution that installs a package. */
function installCommand(packageName: string): string {
  const family = osFamily();
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  if (/debian|ubuntu/.test(family)) return `${sudo}apt-get install ${packageName}`;
  if (/fedora|rhel|centos/.test(family)) return `${sudo}dnf install ${packageName}`;
  if (/suse/.test(family)) return `${sudo}zypper install ${packageName}`;
  if (/arch/.test(family)) return `${sudo}pacman -S ${packageName}`;
  if (/alpine/.test(family)) return `${sudo}apk add ${packageName}`;
  return `package ${packageName} of your distribution`;
}

function osFamily(): string {
  try {
    return [...readFileSync('/etc/os-release', 'utf8').matchAll(/^(?:ID|ID_LIKE)=(.*)$/gm)]
      .map(([, value]) => value)
      .join(' ');
  } catch {
    return '';
  }
}
