import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { openClone } from '../../../adapters/git/clone.ts';
import type { Clone } from '../../../adapters/git/command.ts';
import { createRepository, type TestRepository } from './repository.ts';

export interface Cloned {
  target: TestRepository;
  /** Data directory in which the clone lies. */
  data: string;
  clone: Clone;
}

/** Registers a repository of one file and a worker's clone of it, made for each test and removed after it. */
export function useClone(): Cloned {
  const made = {} as Cloned;
  beforeEach(async () => {
    made.target = await createRepository({ 'a.txt': 'a' });
    made.data = await mkdtemp(join(tmpdir(), 'data-'));
    made.clone = await openClone(made.data, made.target.path);
  });
  afterEach(async () => {
    await made.target.remove();
    await rm(made.data, { recursive: true, force: true });
  });
  return made;
}
