import { describe, expect, it } from 'vitest';
import { toStatus, type EndOfRun } from '../../../adapters/sandbox/supervise/status.ts';
import { cannotStart } from '../../../adapters/sandbox/unavailable.ts';

const clean: EndOfRun = { killedFor: null, isComplete: true, exitCode: 0, truncated: false, oomKills: 0, pidsHit: 0 };

describe('toStatus', () => {
  it.each<[string, Partial<EndOfRun>]>([
    ['ok', {}],
    ['failed', { exitCode: 128 }],
    ['signal', { exitCode: 137 }],
    ['failed', { exitCode: 254 }],
    ['output', { truncated: true }],
    ['output', { truncated: true, killedFor: 'output', isComplete: false, exitCode: null }],
    ['pids', { pidsHit: 1, truncated: true }],
    ['oom', { oomKills: 1, pidsHit: 1 }],
    ['oom', { oomKills: 1, isComplete: false, exitCode: null }],
    ['timeout', { killedFor: 'timeout', isComplete: false, exitCode: null, oomKills: 1 }],
    ['oom', { killedFor: 'oom', isComplete: false, exitCode: null }],
    ['pids', { killedFor: 'pids', isComplete: false, exitCode: null, truncated: true }],
    ['disk', { killedFor: 'disk', isComplete: false, exitCode: null, truncated: true }],
    ['oom', { killedFor: 'disk', isComplete: false, exitCode: null, oomKills: 1 }],
    ['sandbox-error', { isComplete: false, exitCode: 1 }],
    ['cancelled', { killedFor: 'cancelled', isComplete: false, exitCode: null, oomKills: 1 }],
  ])('is %s for %j', (status, facts) => {
    expect(toStatus({ ...clean, ...facts })).toBe(status);
  });
});

describe('cannotStart', () => {
  it.each([
    [
      'bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)',
      'sysctl user.max_user_namespaces',
    ],
    ['bwrap: setting up uid map: Permission denied', 'AppArmor'],
    ['bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted', 'AppArmor'],
    [
      'bwrap: No permissions to create a new namespace, likely because the kernel does not allow non-privileged user namespaces.',
      'kernel.unprivileged_userns_clone',
    ],
    ['bwrap: Creating new namespace failed: Operation not permitted', 'seccomp=unconfined'],
    ['bwrap: prctl(PR_SET_SECCOMP): Invalid argument', 'CONFIG_SECCOMP_FILTER'],
    ['bwrap: execvp /init/sh: Permission denied', '--data'],
    ["bwrap: Can't mount proc on /newroot/proc: Operation not permitted", '/proc is restricted'],
  ])('for %j has the remedy %j', (message, remedy) => {
    expect(cannotStart(message).message).toContain(remedy);
    expect(cannotStart(message).message).toContain('--allow-unsandboxed');
  });
});
