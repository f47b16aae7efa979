import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import versions from '../../adapters/tool-versions.json' with { type: 'json' };

const script = join(import.meta.dirname, '..', '..', 'scripts', 'cluster.mjs');

describe('the script for a real Temporal server', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cluster-test-'));
    await mkdir(join(directory, 'bin'));
    const programs = {
      temporal: `temporal version ${versions.temporal} (Server 1.32.0)`,
      initdb: 'initdb (PostgreSQL) 15.1',
    };
    for (const [name, says] of Object.entries(programs))
      await writeFile(join(directory, 'bin', name), `#!/bin/sh\necho "${says}"\n`, { mode: 0o755 });
  });
  afterEach(() => rm(directory, { recursive: true }));
  const cluster = (...args: string[]) => {
    const environment = { HOME: directory, PATH: join(directory, 'bin'), XDG_CACHE_HOME: join(directory, 'cache') };
    return spawnSync(process.execPath, [script, ...args], { env: environment, encoding: 'utf8' });
  };

  it.each([[['--than', 'true']], [['--then']]])('refuses %j and says what it takes', (args) => {
    const stderr = `${args.join(' ')}: is not understood; type "node scripts/cluster.mjs [--then <command> [argument…]]"\n`;
    expect(cluster(...args)).toMatchObject({ status: 1, stdout: '', stderr });
  });

  it('names what building the server needs, before it starts anything', async () => {
    expect(cluster('--then', 'true')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: 'go: is not installed; install Go 1.26.4 or later\n',
    });
    expect((await readdir(directory)).sort()).toEqual(['bin']);
  });
});
