import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readProfiles } from '../../../activities/measure/profiles.ts';

const honest = JSON.stringify({
  nodes: [
    { id: 1, callFrame: { functionName: 'total', url: 'file:///repo/src/a.mjs', lineNumber: 1 }, hitCount: 3 },
    { id: 2, callFrame: { functionName: 'x', url: 'file:///repo/other.mjs', lineNumber: 0 }, hitCount: 1 },
  ],
});
const one = { self: 3e-6, total: 3e-6, charged: 3e-6, calls: 0 };
const spots = [{ file: 'src/a.mjs', name: 'total', line: 2, ...one }];

/** Nodes that are read: as many as fit, in a form that takes more memory than text. */
const manyNodes = `{"nodes": [${'{},'.repeat(3_000_000)}{}]}`;

describe('profiles that a program wrote', () => {
  let directory: string;
  let profile: string;
  let tree: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'profiles-'));
    [profile, tree] = [join(directory, 'profile'), join(directory, 'tree')];
    for (const each of [profile, tree]) mkdirSync(each);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const read = (bounds?: Parameters<typeof readProfiles>[1], kept: string[] | null = null) =>
    readProfiles({ directory: profile, tree, editable: ['src/a.mjs'], kept }, bounds);
  const place = (name: string) => join(profile, `${name}.cpuprofile`);

  it('give the hotspots of all that can be read', async () => {
    writeFileSync(place('1'), honest);
    writeFileSync(place('2'), honest);
    writeFileSync(join(profile, 'notes.txt'), 'no profile');
    const twice = { self: 6e-6, total: 6e-6, charged: 6e-6 };
    expect(await read()).toMatchObject({ spots: [{ ...spots[0], ...twice }], read: 2, unread: 0 });
  });

  it('name the source of what a build made, by the definition of its function', async () => {
    mkdirSync(join(tree, 'src'));
    writeFileSync(
      join(tree, 'src', 'a.mjs'),
      'export function total(one): number;\nexport const total = <T>(\n  values,\n) => values.length;\n',
    );
    writeFileSync(place('1'), honest.replace('src/a.mjs', 'dist/deep/index.mjs'));
    const committed = ['src/a.mjs', 'other.mjs'];
    expect(await read(undefined, committed)).toMatchObject({ spots, outside: { name: 'x (other.mjs)' } });
    for (const other of ['dist', 'dist/deep/index.mjs'])
      expect(await read(undefined, [...committed, other])).toMatchObject({ spots: [] });
    expect(await read()).toMatchObject({ spots: [] });
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
    expect(await read()).toMatchObject({ spots, read: 1, unread: 1 });
  });

  it.each<[string, string]>([
    ['another document', '[1, 2]'],
    ['nodes of another form', '{"nodes": [1, null, {"id": "x"}, []]}'],
    ['a balanced nested text', `${'['.repeat(1e6)}${']'.repeat(1e6)}`],
    ['3,000,000 nodes', manyNodes],
  ])('are read, where they say nothing: %s', async (_, text) => {
    writeFileSync(place('1'), text);
    expect(await read()).toMatchObject({ spots: [] });
  });

  it.each([
    ['memory', { seconds: 600, memoryMiB: 32 }],
    ['time', { seconds: 0.01, memoryMiB: 512 }],
  ])('end the reading at its limit of %s, and not the process', async (_, bounds) => {
    writeFileSync(place('1'), manyNodes);
    expect(await read(bounds)).toMatchObject({ spots: [], unread: null });
  });

  it('are doubted one by one', async () => {
    const hostile: Record<string, Buffer | string> = {
      'bomb.pprof': gzipSync(Buffer.alloc(300e6)),
      'half.pprof': gzipSync(Buffer.from('x')).subarray(0, 12),
      'none.pb.gz': '\xff\xff\xff\xff\xff',
      'pickle.cprofile': '\x80\x04\x95',
      'deep.folded': `${'a;'.repeat(5e6)}b`,
    };
    for (const [name, content] of Object.entries(hostile)) writeFileSync(join(profile, name), content);
    writeFileSync(place('1'), honest);
    expect(await read()).toMatchObject({ spots, unread: 5 });
  });

  it('are chosen by size where there are thousands', async () => {
    for (let index = 0; index < 3_000; index++) writeFileSync(place(`small-${index}`), '{"nodes": []}');
    writeFileSync(place('large'), honest);
    expect(await read()).toMatchObject({ spots, read: 16 });
  });

  it('leave the loop its event loop', async () => {
    writeFileSync(place('1'), manyNodes);
    let turns = 0;
    const ticking = setInterval(() => turns++, 1);
    await read();
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(10);
  });

  it('are none that could be read where there is no directory', async () => {
    rmSync(profile, { recursive: true });
    expect(await read()).toMatchObject({ spots: [], unread: null });
  });
});
