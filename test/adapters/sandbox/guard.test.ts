import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../adapters/sandbox/create.ts';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import { hasBubblewrap, isRoot, makeDirectory, makeTree, requestOf, withBubblewrap } from './request.ts';

const command = 'echo "$GUARD"; cat "$GUARD/held-out.txt"; ( : >>"$GUARD/x" ) 2>/dev/null && echo written; true';
const absent = 'sandbox: the directory of the guard is not there; correct "guards" in the worker\'s settings';

describe.skipIf(!hasBubblewrap)(withBubblewrap('held-out tests in the sandbox'), () => {
  const make = () => createSandbox({ allowUnsandboxed: false, generatedDirectory: makeDirectory() });

  it('are seen at /guard, read-only, and only by the run that asks for them', async () => {
    const sandbox = await make();
    const guard = makeTree({ 'held-out.txt': 'held out\n' });
    expect(await sandbox.run(requestOf(command, makeTree(), { guard }))).toMatchObject({
      status: 'ok',
      stdout: '/guard\nheld out\n',
    });
    expect((await sandbox.run(requestOf('ls /guard; echo "$GUARD"', makeTree()))).stdout).toBe('\n');
  });

  it.runIf(isRoot)('may lie where only root can go, but not be closed themselves', async () => {
    const sandbox = await make();
    const closed = makeDirectory();
    const guard = makeTree({ 'held-out.txt': 'held out\n' }, closed);
    chmodSync(closed, 0o700);
    expect(await sandbox.run(requestOf(command, makeTree(), { guard }))).toMatchObject({
      status: 'ok',
      stdout: '/guard\nheld out\n',
    });
    chmodSync(guard, 0o700);
    expect(await sandbox.run(requestOf(command, makeTree(), { guard }))).toMatchObject({
      ...{ status: 'sandbox-error', fault: 'transient' },
      tail: 'sandbox: the directory of the guard is closed to the sandbox user; open it and what is in it to others (chmod -R o+rX)',
    });
  });

  it('that are absent stop the run, without a word on where they were', async () => {
    expect(await (await make()).run(requestOf(command, makeTree(), { guard: '/nowhere/secret' }))).toMatchObject({
      ...{ status: 'sandbox-error', fault: 'transient', tail: absent },
    });
  });
});

describe('held-out tests without a sandbox', () => {
  it('are seen where they are', async () => {
    const [path, bin] = [process.env.PATH, makeDirectory()];
    for (const tool of ['bash', 'prlimit', 'cat']) symlinkSync(findOnPath(tool)!, join(bin, tool));
    process.env.PATH = bin;
    const sandbox = await createSandbox({ allowUnsandboxed: true, generatedDirectory: makeDirectory() });
    const guard = makeTree({ 'held-out.txt': 'held out\n' });
    const result = await sandbox.run(
      requestOf('echo "$GUARD"; cat "$GUARD/held-out.txt"', makeTree(), { guard, tools: [] }),
    );
    const without = await sandbox.run(requestOf('true', makeTree(), { guard: '/nowhere/secret', tools: [] }));
    process.env.PATH = path;
    expect(result).toMatchObject({ status: 'ok', stdout: `${guard}\nheld out\n` });
    expect(without).toMatchObject({ status: 'sandbox-error', tail: absent });
  });
});
