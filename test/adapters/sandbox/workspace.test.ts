import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profilers, writeTools } from '../../../adapters/profilers/list.ts';
import { createSandbox } from '../../../adapters/sandbox/create.ts';
import { makeMountPoint } from '../../../adapters/sandbox/bubblewrap/mounts.ts';
import type { Sandbox } from '../../../adapters/sandbox/contract.ts';
import {
  hasBubblewrap,
  isRoot,
  leftGroups,
  makeDirectory,
  makeTree,
  profileIn,
  requestOf,
  withBubblewrap,
} from './request.ts';

describe.skipIf(!hasBubblewrap)(withBubblewrap('a workspace in the sandbox'), () => {
  let sandbox: Sandbox;
  /** What setup made elsewhere. */
  const modules = makeTree({ 'dep/index.js': 'module.exports = "dep";\n' });

  beforeAll(async () => {
    sandbox = await createSandbox({ allowUnsandboxed: false, generatedDirectory: makeDirectory() });
  });
  afterAll(() => {
    expect(leftGroups()).toEqual([]);
  });

  it('readonly cannot be written, and shows what is provided', async () => {
    const tree = makeTree({ 'main.js': 'console.log(require("dep"));\n', 'node_modules/.keep': '' });
    rmSync(join(tree, 'node_modules/.keep'));
    const result = await sandbox.run(
      requestOf('node main.js; touch x || touch node_modules/x || echo refused', tree, {
        provided: [{ path: 'node_modules', host: modules, root: modules }],
      }),
    );
    expect(result).toMatchObject({ status: 'ok', stdout: 'dep\nrefused\n' });
  });

  it('copy is fresh for each run, writable, and leaves the tree as it was', async () => {
    const tree = makeTree({ 'a.txt': 'a', '.hidden': 'h', 'sub/b.txt': 'b', 'sub dir/c.txt': 'c' });
    symlinkSync('a.txt', join(tree, 'link'));
    chmodSync(join(tree, 'a.txt'), 0o755);
    const command = 'find . -mindepth 1 | sort; test -x a.txt && readlink link; echo new >made; echo changed >a.txt';
    for (const attempt of [1, 2]) {
      const result = await sandbox.run(requestOf(command, tree, { workspace: 'copy' }));
      expect({ attempt, ...result }).toMatchObject({
        attempt,
        status: 'ok',
        stdout: './.hidden\n./a.txt\n./link\n./sub\n./sub dir\n./sub dir/c.txt\n./sub/b.txt\na.txt\n',
      });
    }
    expect(readFileSync(join(tree, 'a.txt'), 'utf8')).toBe('a');
    expect(existsSync(join(tree, 'made'))).toBe(false);
  });

  it('copy shows what is provided, read-only, also deep in the tree and where the tree has no place for it', async () => {
    const tree = makeTree({
      'main.js': 'console.log(require("dep"), require("./packages/app/main.js"));\n',
      'packages/app/main.js': 'module.exports = require("dep");\n',
      'packages/other/x.txt': 'x',
    });
    mkdirSync(join(tree, 'node_modules'));
    const provided = ['node_modules', 'packages/app/node_modules', 'new/deep'].map((path) => ({
      path,
      host: modules,
      root: modules,
    }));
    const command =
      'node main.js; ls new/deep packages/other; touch packages/app/made new/made made && touch node_modules/x || echo refused';
    const result = await sandbox.run(requestOf(command, tree, { workspace: 'copy', provided }));
    expect(result).toMatchObject({
      status: 'ok',
      stdout: 'dep dep\nnew/deep:\ndep\n\npackages/other:\nx.txt\nrefused\n',
    });
  });

  it('copy that does not fit says which limit to raise', async () => {
    const tree = makeTree({ 'big.bin': 'x'.repeat(3 * 2 ** 20) });
    const result = await sandbox.run(requestOf('true', tree, { workspace: 'copy', limits: { scratchMiB: 2 } }));
    expect(result).toMatchObject({
      status: 'sandbox-error',
      fault: 'permanent',
      tail: 'limits.scratchMiB: the tree does not fit into 2 MiB; raise it, or use workspace "readonly"',
    });
  });

  it.each(['readonly', 'copy'] as const)('%s of a closed tree says so, and is not tried again', async (workspace) => {
    const [tree, part] = [makeTree(), makeTree({ 'a/b.txt': 'b' })];
    chmodSync(tree, 0);
    chmodSync(join(part, 'a'), 0);
    const told = expect.stringMatching(/^sandbox: the tree is closed to its runs \(.+\); /) as string;
    const refused = { status: 'sandbox-error', fault: 'permanent', tail: told };
    expect(await sandbox.run(requestOf('true', tree, { workspace }))).toMatchObject(refused);
    expect(await sandbox.run(requestOf('true', part, { workspace }))).toMatchObject(
      workspace === 'copy' ? refused : { status: 'ok' },
    );
  });

  it('writable keeps what the command made', async () => {
    const tree = makeTree();
    const result = await sandbox.run(
      requestOf('mkdir dist && cp a.txt dist/b.txt && rm a.txt && node -e "require(\'dep\')"', tree, {
        workspace: 'writable',
        provided: [{ path: 'node_modules', host: modules, root: modules }],
      }),
    );
    expect(result.status).toBe('ok');
    expect(readFileSync(join(tree, 'dist/b.txt'), 'utf8')).toBe('content of a\n');
    expect(existsSync(join(tree, 'a.txt'))).toBe(false);
    expect(readdirSync(join(tree, 'node_modules'))).toEqual([]);
    expect(statSync(join(tree, 'dist/b.txt')).uid).toBe(process.getuid!());
  });

  it('refuses a mount point that leads out of the tree', async () => {
    const tree = makeTree();
    symlinkSync('/tmp', join(tree, 'vendor'));
    const result = await sandbox.run(
      requestOf('true', tree, { provided: [{ path: 'vendor/node_modules', host: modules, root: modules }] }),
    );
    expect(result).toMatchObject({
      status: 'sandbox-error',
      fault: 'permanent',
      tail: 'provided: "vendor/node_modules" leads out of the tree by a link; correct "provided"',
    });
  });

  it.each(['readonly', 'copy', 'writable'] as const)('%s shows a provided file, read-only', async (workspace) => {
    const [tree, root] = [makeTree(), makeTree({ 'made/config.json': '{}\n' })];
    const provided = [{ path: 'etc/config.json', host: join(root, 'made/config.json'), root }];
    expect(await makeMountPoint(tree, provided[0]!.path, provided[0]!.host)).toBeNull();
    const command = 'cat etc/config.json; ( : >>etc/config.json ) 2>/dev/null || echo refused';
    expect(await sandbox.run(requestOf(command, tree, { workspace, provided }))).toMatchObject({
      status: 'ok',
      stdout: '{}\nrefused\n',
    });
    expect(readFileSync(join(tree, 'etc/config.json'), 'utf8')).toBe('');
  });

  it('writable and copy show a provided file also where the tree has no place for it', async () => {
    const root = makeTree({ 'config.json': '{}\n' });
    const provided = [{ path: 'new/config.json', host: join(root, 'config.json'), root }];
    for (const workspace of ['copy', 'writable'] as const)
      expect(await sandbox.run(requestOf('cat new/config.json', makeTree(), { workspace, provided }))).toMatchObject({
        status: 'ok',
        stdout: '{}\n',
      });
  });

  it('never mounts what a link that setup made leads to outside', async () => {
    const [secret, root] = [makeTree({ id_rsa: 'secret\n' }), makeTree({ 'own/a.txt': 'own\n' })];
    for (const [name, target] of Object.entries({
      deps: secret,
      file: join(secret, 'id_rsa'),
      dangling: '/nowhere/at/all',
      inside: 'own',
    }))
      symlinkSync(target, join(root, name));
    mkdirSync(join(root, 'above'));
    symlinkSync(secret, join(root, 'above/link'));
    const runWith = (path: string) =>
      sandbox.run(
        requestOf('cat x/* x', makeTree(), {
          workspace: 'copy',
          provided: [{ path: 'x', host: join(root, path), root }],
        }),
      );
    for (const path of ['deps', 'file', 'dangling', 'above/link/id_rsa'])
      expect(await runWith(path)).toMatchObject({
        ...{ status: 'sandbox-error', fault: 'permanent', stdout: '' },
        tail: 'provided: "x" leads out of what setup made by a link; correct "setup" or "provided"',
      });
    expect((await runWith('inside')).stdout).toBe('own\n');
    // A link further down is resolved inside, where its target is not.
    expect(await runWith('above')).toMatchObject({ status: 'failed', stdout: '' });
  });

  it('refuses for good a mount point that is absent, or of the other kind', async () => {
    const provided = [{ path: 'a.txt', host: modules, root: modules }];
    expect(await sandbox.run(requestOf('true', makeTree(), { provided }))).toMatchObject({
      ...{ status: 'sandbox-error', fault: 'permanent' },
      tail: 'provided: "a.txt" is a directory as setup made it, and a file in the tree; correct "setup" or "provided"',
    });
    provided[0]!.path = 'absent';
    expect(await sandbox.run(requestOf('true', makeTree(), { provided }))).toMatchObject({
      ...{ status: 'sandbox-error', fault: 'permanent' },
      tail: 'provided: "absent" has no mount point in the tree; make one before the run',
    });
  });

  it('bounds each file that reaches the disk of the host', async () => {
    const write = (place: string, mebibytes: number) =>
      `dd if=/dev/zero of=${place}/big bs=1M seek=${mebibytes - 1} count=1`;
    const profile = makeDirectory();
    const limits = { scratchMiB: 2 };
    expect(
      await sandbox.run(requestOf(write('/profile', 2), makeTree(), { profile: profileIn(profile), limits })),
    ).toMatchObject({
      status: 'ok',
    });
    expect(
      await sandbox.run(requestOf(write('/profile', 3), makeTree(), { profile: profileIn(profile), limits })),
    ).toMatchObject({
      status: 'signal',
      signal: 25,
    });
    const writable = { workspace: 'writable', limits } as const;
    expect(await sandbox.run(requestOf(write('.', 3), makeTree(), writable))).toMatchObject({ status: 'ok' });
    expect(
      await sandbox.run(requestOf(`truncate -s 4097M sparse; ${write('.', 4097)}`, makeTree(), writable)),
    ).toMatchObject({ status: 'signal', signal: 25 });
  });

  it('shows extra paths read-only at their own place', async () => {
    const data = makeTree({ 'data.txt': 'data\n' });
    const result = await sandbox.run(
      requestOf(`cat ${data}/data.txt; touch ${data}/x || echo refused`, makeTree(), { readOnlyPaths: [data] }),
    );
    expect(result).toMatchObject({ status: 'ok', stdout: 'data\nrefused\n' });
  });

  it.runIf(isRoot)("works below a directory that is closed to others, as a root's home is", async () => {
    const closed = makeDirectory();
    const tree = makeTree({ 'main.js': 'require("fs").writeFileSync("made", require("dep"));\n' }, closed);
    const data = makeTree({ 'data.txt': 'data\n' }, closed);
    const [own, profile, tools, provided] = [
      makeDirectory(closed),
      makeDirectory(closed),
      makeDirectory(closed),
      makeTree({ 'dep/index.js': 'module.exports = "closed";\n' }, closed),
    ];
    await writeTools(profilers.auto[0]!, tools);
    chmodSync(closed, 0o700);
    const inClosed = await createSandbox({ allowUnsandboxed: false, generatedDirectory: own });
    const changes = {
      workspace: 'writable',
      profile: profileIn(profile, tools),
      provided: [{ path: 'node_modules', host: provided, root: provided }],
      readOnlyPaths: [join(data, 'data.txt')],
    } as const;
    const result = await inClosed.run(
      requestOf(`node main.js && cat ${data}/data.txt`, tree, {
        ...changes,
        provided: [...changes.provided],
        readOnlyPaths: [...changes.readOnlyPaths],
      }),
    );
    expect(result).toMatchObject({ status: 'ok', stdout: 'data\n' });
    expect(readFileSync(join(tree, 'made'), 'utf8')).toBe('closed');
    expect(readdirSync(profile)).toEqual([expect.stringMatching(/\.cpuprofile$/)]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('/run/karpathy-loop');
  });

  it('profiles every node that the command starts, and only those', async () => {
    const [profile, tools, tree] = [
      makeDirectory(),
      makeDirectory(),
      makeTree({
        'package.json': '{"scripts":{"bench":"node busy.js && node busy.js"}}',
        'busy.js': 'function busy() { for (const end = Date.now() + 50; Date.now() < end;); }\nbusy();\n',
      }),
    ];
    await writeTools(profilers.auto[0]!, tools);
    const result = await sandbox.run(
      requestOf('npm run bench', tree, { profile: profileIn(profile, tools), tools: ['node', 'npm'] }),
    );
    expect(result.status).toBe('ok');
    const profiles = readdirSync(profile).map(
      (name) =>
        JSON.parse(readFileSync(join(profile, name), 'utf8')) as {
          nodes: { callFrame: { functionName: string; url: string } }[];
        },
    );
    const busy = profiles.filter(({ nodes }) =>
      nodes.some(({ callFrame }) => callFrame.functionName === 'busy' && callFrame.url.endsWith('/repo/busy.js')),
    );
    expect(busy).toHaveLength(2);
    expect((await sandbox.run(requestOf('command -v node; ls /profile', tree))).stdout).not.toContain('profile');
  });
});
