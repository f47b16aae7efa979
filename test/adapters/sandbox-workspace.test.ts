import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox } from '../../adapters/sandbox/create.ts';
import type { Sandbox } from '../../adapters/sandbox/run.ts';
import { hasBubblewrap, isRoot, leftGroups, makeDirectory, makeTree, requestOf, withBubblewrap } from './sandbox-request.ts';

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
      requestOf('node main.js; touch x || touch node_modules/x || echo refused', tree, { provided: [{ path: 'node_modules', host: modules }] }),
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
    const provided = ['node_modules', 'packages/app/node_modules', 'new/deep'].map((path) => ({ path, host: modules }));
    const command = 'node main.js; ls new/deep packages/other; touch packages/app/made new/made made && touch node_modules/x || echo refused';
    const result = await sandbox.run(requestOf(command, tree, { workspace: 'copy', provided }));
    expect(result).toMatchObject({ status: 'ok', stdout: 'dep dep\nnew/deep:\ndep\n\npackages/other:\nx.txt\nrefused\n' });
  });

  it('copy that does not fit says which limit to raise', async () => {
    const tree = makeTree({ 'big.bin': 'x'.repeat(3 * 2 ** 20) });
    const result = await sandbox.run(requestOf('true', tree, { workspace: 'copy', limits: { scratchMiB: 2 } }));
    expect(result).toMatchObject({
      status: 'sandbox-error',
      tail: 'limits.scratchMiB: the tree does not fit into 2 MiB; raise it, or use workspace "readonly"',
    });
  });

  it('writable keeps what the command made', async () => {
    const tree = makeTree();
    const result = await sandbox.run(
      requestOf('mkdir dist && cp a.txt dist/b.txt && rm a.txt && node -e "require(\'dep\')"', tree, {
        workspace: 'writable',
        provided: [{ path: 'node_modules', host: modules }],
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
    const result = await sandbox.run(requestOf('true', tree, { provided: [{ path: 'vendor/node_modules', host: modules }] }));
    expect(result).toMatchObject({ status: 'sandbox-error', tail: 'provided: "vendor/node_modules" leads out of the tree by a link; correct "provided"' });
  });

  it('shows extra paths read-only at their own place', async () => {
    const data = makeTree({ 'data.txt': 'data\n' });
    const result = await sandbox.run(requestOf(`cat ${data}/data.txt; touch ${data}/x || echo refused`, makeTree(), { readOnlyPaths: [data] }));
    expect(result).toMatchObject({ status: 'ok', stdout: 'data\nrefused\n' });
  });

  it.runIf(isRoot)("works below a directory that is closed to others, as a root's home is", async () => {
    const closed = makeDirectory();
    const tree = makeTree({ 'main.js': 'require("fs").writeFileSync("made", require("dep"));\n' }, closed);
    const data = makeTree({ 'data.txt': 'data\n' }, closed);
    const [own, profile, provided] = [makeDirectory(closed), makeDirectory(closed), makeTree({ 'dep/index.js': 'module.exports = "closed";\n' }, closed)];
    chmodSync(closed, 0o700);
    const inClosed = await createSandbox({ allowUnsandboxed: false, generatedDirectory: own });
    const changes = { workspace: 'writable', profile, provided: [{ path: 'node_modules', host: provided }], readOnlyPaths: [join(data, 'data.txt')] } as const;
    const result = await inClosed.run(
      requestOf(`node main.js && cat ${data}/data.txt`, tree, { ...changes, provided: [...changes.provided], readOnlyPaths: [...changes.readOnlyPaths] }),
    );
    expect(result).toMatchObject({ status: 'ok', stdout: 'data\n' });
    expect(readFileSync(join(tree, 'made'), 'utf8')).toBe('closed');
    expect(readdirSync(profile)).toEqual([expect.stringMatching(/\.cpuprofile$/)]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('/run/karpathy-loop');
  });

  it('profiles every node that the command starts, and only those', async () => {
    const [profile, tree] = [
      makeDirectory(),
      makeTree({
        'package.json': '{"scripts":{"bench":"node busy.js && node busy.js"}}',
        'busy.js': 'function busy() { for (const end = Date.now() + 50; Date.now() < end;); }\nbusy();\n',
      }),
    ];
    const result = await sandbox.run(requestOf('npm run bench', tree, { profile, tools: ['node', 'npm'] }));
    expect(result.status).toBe('ok');
    const profiles = readdirSync(profile).map(
      (name) => JSON.parse(readFileSync(join(profile, name), 'utf8')) as { nodes: { callFrame: { functionName: string; url: string } }[] },
    );
    const busy = profiles.filter(({ nodes }) => nodes.some(({ callFrame }) => callFrame.functionName === 'busy' && callFrame.url.endsWith('/repo/busy.js')));
    expect(busy).toHaveLength(2);
    expect((await sandbox.run(requestOf('command -v node; ls /profile', tree))).stdout).not.toContain('node-shim');
  });
});
