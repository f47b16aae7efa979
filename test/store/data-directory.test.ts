import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeDataDirectory } from '../../store/data-directory.ts';

let parent: string;
beforeEach(() => (parent = mkdtempSync(join(tmpdir(), 'data-directory-test-'))));
afterEach(() => rmSync(parent, { recursive: true }));

it.each([0o022, 0o077])('lets other users pass through a data directory, not list it (umask %o)', (umask) => {
  const before = process.umask(umask);
  try {
    const data = join(parent, 'share', 'data');
    makeDataDirectory(data);
    expect(statSync(data).mode & 0o777).toBe(0o711);
    makeDataDirectory(data);
  } finally {
    process.umask(before);
  }
});

it('names the remedy where the directory cannot be made', () => {
  writeFileSync(join(parent, 'file'), '');
  expect(() => makeDataDirectory(join(parent, 'file', 'data'))).toThrow(
    /^data directory: .*\/file\/data cannot be made \(ENOTDIR\); give another with --data$/,
  );
});
