import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readProfiles } from '../../../activities/measure/profiles.ts';
import { loopPaths } from '../../../store/layout.ts';

const honest = JSON.stringify({
  nodes: [
    { id: 1, callFrame: { functionName: 'total', url: 'file:///repo/src/a.mjs', lineNumber: 1 }, hitCount: 3 },
    { id: 2, callFrame: { functionName: 'x', url: 'file:///repo/other.mjs', lineNumber: 0 }, hitCount: 1 },
  ],
});
const hotspots = [{ file: 'src/a.mjs', name: 'total', line: 2, share: 0.75 }];

/** Nodes that are read: as many as fit, in a form that takes more memory than text. */
const manyNodes = `{"nodes": [${'{},'.repeat(3_000_000)}{}]}`;

describe('profiles that a program wrote', () => {
  let directory: string;
  let profile: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'profiles-'));
    profile = loopPaths(directory).profile('champion');
    mkdirSync(profile, { recursive: true });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const read = (bounds?: Parameters<typeof readProfiles>[3]) =>
    readProfiles({ directory }, 'champion', new Set(['src/a.mjs']), bounds);
  const place = (name: string) => join(profile, `${name}.cpuprofile`);

  it('give the hotspots of all that can be read', async () => {
    writeFileSync(place('1'), honest);
    writeFileSync(place('2'), honest);
    writeFileSync(join(profile, 'notes.txt'), 'no profile');
    expect(await read()).toEqual({ hotspots, doubt: null });
  });

  it.each<[string, (path: string) => void]>([
    [
      'a sparse file of 500 MB',
      (path) => {
        writeFileSync(path, '');
        truncateSync(path, 500e6);
      },
    ],
    [
      'a sparse file within the limit',
      (path) => {
        writeFileSync(path, '');
        truncateSync(path, 30e6);
      },
    ],
    ['a pipe', (path) => void execFileSync('sh', ['-c', 'mkfifo "$0"', path])],
    ['a link to a device', (path) => symlinkSync('/dev/zero', path)],
    [
      'a link to a profile',
      (path) => {
        writeFileSync(join(directory, 'p'), honest);
        symlinkSync(join(directory, 'p'), path);
      },
    ],
    ['a directory', (path) => void mkdirSync(path)],
    ['a nested text of 3 MB', (path) => writeFileSync(path, '['.repeat(3e6))],
    ['half a profile', (path) => writeFileSync(path, honest.slice(0, -1))],
    ['nothing', (path) => writeFileSync(path, '')],
  ])('are doubted, and the others read, beside %s', async (_, make) => {
    make(place('1'));
    writeFileSync(place('2'), honest);
    const { hotspots: found, doubt } = await read();
    expect(found).toEqual(hotspots);
    expect(doubt).toMatch(/^profile: 1 of the champion's cannot be read; the loop goes on without/);
  });

  it.each<[string, string]>([
    ['another document', '[1, 2]'],
    ['nodes of another form', '{"nodes": [1, null, {"id": "x"}, []]}'],
    ['a balanced nested text', `${'['.repeat(1e6)}${']'.repeat(1e6)}`],
    ['3,000,000 nodes', manyNodes],
  ])('are read, where they say nothing: %s', async (_, text) => {
    writeFileSync(place('1'), text);
    const { hotspots: found } = await read();
    expect(found).toEqual([]);
  });

  it.each([
    ['memory', { seconds: 600, memoryMiB: 32 }],
    ['time', { seconds: 0.01, memoryMiB: 512 }],
  ])('end the reading at its limit of %s, and not the process', async (_, bounds) => {
    writeFileSync(place('1'), manyNodes);
    expect(await read(bounds)).toEqual({
      hotspots: [],
      doubt: expect.stringMatching(/^profile: the champion's cannot be read within .* goes on without/) as string,
    });
  });

  it('leave the loop its event loop', async () => {
    writeFileSync(place('1'), manyNodes);
    let turns = 0;
    const ticking = setInterval(() => turns++, 1);
    await read();
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(10);
  });

  it('are none where there is no directory', async () => {
    rmSync(profile, { recursive: true });
    expect((await read()).hotspots).toEqual([]);
  });
});
