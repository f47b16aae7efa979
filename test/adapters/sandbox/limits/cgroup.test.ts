import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createCgroup, probeCgroup } from '../../../../adapters/sandbox/limits/cgroup.ts';
import { leftGroups } from '../request.ts';

const version = await probeCgroup();

describe.skipIf(version === null)('a control group (skipped where none can be made)', () => {
  const limits = { memoryBytes: 64 * 2 ** 20, processes: 8 };

  it('that stays busy is left, and does not spoil the result of its run', async () => {
    const group = createCgroup(version!, limits);
    const process = spawn('sleep', ['600'], { stdio: 'ignore' });
    for (const file of group.joins) writeFileSync(file, String(process.pid));
    await expect(group.remove()).resolves.toBeUndefined();
    expect(leftGroups()).not.toEqual([]);
    process.kill('SIGKILL');
    await once(process, 'exit');
    await group.remove();
    expect(leftGroups()).toEqual([]);
  });
});
