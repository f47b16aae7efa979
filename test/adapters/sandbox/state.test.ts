import { beforeAll, describe, expect, it } from 'vitest';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createSandbox } from '../../../adapters/sandbox/create.ts';
import { makeToolCaches } from '../../../adapters/sandbox/bubblewrap/mounts.ts';
import type { Sandbox } from '../../../adapters/sandbox/contract.ts';
import { hasBubblewrap, makeDirectory, makeTree, requestOf, withBubblewrap } from './request.ts';

describe.skipIf(!hasBubblewrap)(withBubblewrap('what one command of a run leaves for the next'), () => {
  let sandbox: Sandbox;
  const files = {
    'test/a.js': 'a\n',
    'test/b.js': 'b\n',
    'test/deep/c.js': 'c\n',
    'src/x.js': 'x\n',
    'it is "odd".txt': '',
  };
  const run = (command: string, changes: Parameters<typeof requestOf>[2] = {}) =>
    sandbox.run(requestOf(command, makeTree(files), changes));
  const changedBy = async (command: string) => {
    const { status, left } = await run(command, { workspace: 'copy' });
    expect(status).toBe('ok');
    return [...left!].filter(([, state]) => state === 'changed').map(([path]) => path);
  };

  beforeAll(async () => {
    sandbox = await createSandbox({ allowUnsandboxed: false, generatedDirectory: makeDirectory() });
  });

  it.each(['readonly', 'copy'] as const)(
    'is nothing in its home, in a %s tree, while caches have a place',
    async (workspace) => {
      const write =
        'for f in ~/.npmrc ~/.bashrc ~/.config/x ~/.local/x; do mkdir -p $(dirname $f) 2>/dev/null; : 2>/dev/null >$f && echo "wrote $f"; done';
      const result = await run(`(${write}) 2>/dev/null; mkdir -p $XDG_CACHE_HOME && echo cached; cd; pwd; ls -A`, {
        workspace,
      });
      expect(result.stdout).toBe('cached\n/home/sandbox\n');
    },
  );

  it('is no setting of npm, which runs scripts without a word about its home', async () => {
    const tree = makeTree({
      'package.json': '{"scripts":{"a":"echo script-shell=/bin/false >$HOME/.npmrc || echo refused","b":"echo ran"}}',
    });
    const result = await sandbox.run(
      requestOf('npm run --silent a && npm run --silent b', tree, { tools: ['node', 'npm'] }),
    );
    expect(result).toMatchObject({ status: 'ok', stdout: 'refused\nran\n' });
    expect(result.tail).not.toMatch(/npm (warn|error)/i);
  });

  it('is listed in a copied tree: what is there, and what was made, changed, or changed and put back', async () => {
    const { left } = await run('rm test/b.js', { workspace: 'copy' });
    expect([...left!.keys()].sort()).toEqual([
      'it is "odd".txt',
      'src',
      'src/x.js',
      'test',
      'test/a.js',
      'test/deep',
      'test/deep/c.js',
    ]);
    expect(await changedBy('true')).toEqual([]);
    expect(
      await changedBy('cp -a src/x.js /tmp/x; echo y >src/x.js; cp -a /tmp/x src/x.js; touch -r /tmp/x src/x.js'),
    ).toEqual(['src/x.js']);
    expect(await changedBy('mv test t; mkdir test; rmdir test; mv t test')).toEqual(['test']);
    expect((await changedBy('mkdir out; echo >out/new; ln -s a.js test/l')).sort()).toEqual([
      'out',
      'out/new',
      'test',
      'test/l',
    ]);
    expect(
      await changedBy(
        `python3 -c "import mmap; f = open('src/x.js', 'r+b'); m = mmap.mmap(f.fileno(), 0); m[0:1] = b'z'; m.flush()"`,
      ),
    ).toEqual(['src/x.js']);
  });

  it('cannot be put back by what still runs after the command', async () => {
    const restore = "sh -c 'sleep 1; mv /tmp/a test/a.js' &";
    expect(await changedBy(`mv test/a.js /tmp/a; ${restore} true`)).toEqual(['test']);
  });

  it('is not listed where the tree cannot be written', async () => {
    expect((await run('true')).left).toBeNull();
    expect((await run('true', { workspace: 'writable' })).left).toBeNull();
  });

  it('is gone with the run where tools keep caches in provided libraries, and what setup put there stays', async () => {
    const libraries = join(makeDirectory(), 'node_modules');
    mkdirSync(join(libraries, '.cache'), { recursive: true });
    const made = makeTree({ 'engine.txt': 'engine\n' }, join(libraries, '.cache'));
    await makeToolCaches(libraries);
    const provided = [{ path: 'node_modules', host: libraries, root: libraries }];
    const tree = makeTree({ 'node_modules/.keep': '' });
    const command = `cd node_modules; ls -A .vite; echo x >.vite/x && mkdir .vite-temp/y && cat .vite/x .cache/*/engine.txt; touch .cache/z || echo refused`;
    for (const workspace of ['readonly', 'copy'] as const) {
      const result = await sandbox.run(requestOf(command, tree, { provided, workspace }));
      expect(result, workspace).toMatchObject({ status: 'ok', stdout: 'x\nengine\nrefused\n' });
    }
    expect(made).toContain('.cache');
  });
});
