import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeMountPoint, staysInside } from '../../../adapters/sandbox/bubblewrap/mounts.ts';
import { makeDirectory, makeTree } from './request.ts';

describe('staysInside', () => {
  const [outside, root] = [makeTree(), makeTree({ 'sub/a.txt': 'a' })];
  for (const [name, target] of Object.entries({
    out: outside,
    in: 'sub',
    up: '..',
    dangling: '/nowhere/at/all',
    self: '.',
    beside: `${root}-beside`,
  }))
    symlinkSync(target, join(root, name));
  mkdirSync(`${root}-beside`);
  const link = join(outside, 'link-to-root');
  symlinkSync(root, link);

  it.each([
    ['sub/a.txt', true],
    ['new/deep', true],
    ['in/a.txt', true],
    ['in/new', true],
    ['self', true],
    ['.', true],
    [join(root, 'sub'), true],
    ['out', false],
    ['out/a.txt', false],
    ['out/new', false],
    ['up', false],
    ['up/x', false],
    ['dangling', false],
    ['dangling/x', false],
    ['beside', false],
    ['../x', false],
    ['sub/../../x', false],
    [`${root}-beside`, false],
    [outside, false],
    ['/', false],
  ])('of %j is %j', async (path, inside) => {
    expect(await staysInside(root, path)).toBe(inside);
    expect(await staysInside(link, path)).toBe(inside);
  });

  it('is false where there is no root', async () => {
    expect(await staysInside(join(root, 'absent'), 'x')).toBe(false);
  });
});

describe('makeMountPoint', () => {
  const host = makeTree({ 'file.txt': 'f', 'directory/x': 'x' });
  const [file, directory] = [join(host, 'file.txt'), join(host, 'directory')];

  it('makes an empty directory or file after the kind of what is provided, and again is no problem', async () => {
    const tree = makeTree();
    for (const attempt of [1, 2]) {
      expect({ attempt, problem: await makeMountPoint(tree, 'a/b/directory', directory) }).toEqual({
        attempt,
        problem: null,
      });
      expect({ attempt, problem: await makeMountPoint(tree, 'c/d/file.txt', file) }).toEqual({
        attempt,
        problem: null,
      });
    }
    expect(readdirSync(join(tree, 'a/b/directory'))).toEqual([]);
    expect(statSync(join(tree, 'c/d/file.txt')).size).toBe(0);
  });

  it('leaves what the tree has there', async () => {
    const tree = makeTree();
    expect(await makeMountPoint(tree, 'a.txt', file)).toBeNull();
    expect(readFileSync(join(tree, 'a.txt'), 'utf8')).toBe('content of a\n');
  });

  it('makes nothing through a link out of the tree', async () => {
    const [tree, outside] = [makeTree(), makeDirectory()];
    symlinkSync(outside, join(tree, 'out'));
    symlinkSync(join(outside, 'absent'), join(tree, 'dangling'));
    for (const path of ['out/deep/x', 'out', 'dangling', 'dangling/x', '../beside'])
      for (const provided of [file, directory])
        expect(await makeMountPoint(tree, path, provided)).toBe(
          `provided: "${path}" leads out of the tree by a link; correct "provided"`,
        );
    expect(readdirSync(outside)).toEqual([]);
  });

  it('names what is absent, of the other kind, or below a file', async () => {
    const tree = makeTree({ 'a.txt': 'a', 'sub/b.txt': 'b' });
    expect(await makeMountPoint(tree, 'x', join(host, 'absent'))).toBe(
      'provided: "x" is not there; correct "setup" or "provided"',
    );
    expect(await makeMountPoint(tree, 'a.txt', directory)).toBe(
      'provided: "a.txt" is a directory as setup made it, and a file in the tree; correct "setup" or "provided"',
    );
    expect(await makeMountPoint(tree, 'sub', file)).toBe(
      'provided: "sub" is a file as setup made it, and a directory in the tree; correct "setup" or "provided"',
    );
    expect(await makeMountPoint(tree, 'a.txt/x', directory)).toMatch(
      /^provided: "a\.txt\/x" has no place in the tree \(.+\); correct "provided"$/,
    );
    expect(existsSync(join(tree, 'x'))).toBe(false);
  });
});
