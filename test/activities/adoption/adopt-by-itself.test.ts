import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openClone } from '../../../adapters/git/clone.ts';
import { parseJson } from '../../../adapters/json-text.ts';
import { ownFile } from '../../../adapters/own-files.ts';
import { order } from '../../../activities/adoption/adopt-by-itself.ts';
import type { StepContext } from '../../../activities/loop/context.ts';
import { noSelves } from '../../../domain/adoption/selves.ts';
import { parseLoopConfig } from '../../../domain/config/parse-loop-config.ts';
import { readOrder, writeOrder, writeSelves } from '../../../store/selves.ts';
import { createRepository, type TestRepository } from '../../support/repository/repository.ts';

describe('a commit of a loop', () => {
  let repository: TestRepository;
  let dataDirectory: string;
  let [working, other, commit]: string[] = [];
  beforeEach(async () => {
    repository = await createRepository({ a: '1' });
    working = await repository.git('rev-parse', 'HEAD');
    other = await repository.commit({ a: '2' }, 'on other terms');
    commit = await repository.commit({ a: '3' }, 'on its own');
    dataDirectory = await mkdtemp(join(tmpdir(), 'karpathy-loop-auto-'));
    await writeSelves(dataDirectory, { ...noSelves, current: { commit: working, directory: '/nowhere' } });
  });
  afterEach(async () => {
    await repository.remove();
    await rm(dataDirectory, { recursive: true, force: true });
  });

  /** Why the commit is not ordered, by a worker with this setting. */
  async function whyNot(autoAdopt: string | undefined, baseSha: string, more: object = {}): Promise<string | null> {
    const own = parseJson(await readFile(ownFile('examples/self/loop.json'), 'utf8'), 'loop.json');
    const terms = own.ok ? (own.value as object) : {};
    const parsed = parseLoopConfig({ repository: repository.path, ...terms, ...more });
    const clone = await openClone(dataDirectory, repository.path);
    const context = {
      worker: { dataDirectory, queue: 'karpathy-loop/w', settings: { autoAdopt } },
      loop: { repository: repository.path, clone, plan: { loopId: 'x', baseSha, config: parsed.ok && parsed.value } },
    } as unknown as StepContext;
    return order(context, { commit: commit!, iteration: 1 });
  }

  it('is ordered by no worker whose owner has not let it, nor of another repository or on other terms', async () => {
    expect(await whyNot(undefined, working!)).toBeNull();
    expect(await whyNot(dataDirectory, working!)).toBe('is of another repository');
    expect(await whyNot(repository.path, working!, { test: 'true' })).toMatch(/^its "test" is another one/);
    expect(await readOrder(dataDirectory)).toBeNull();
  });

  it('is not ordered where something of other terms lies between it and the build that works', async () => {
    expect(await whyNot(repository.path, other!)).toBe('its loop began on another commit than the build that works');
    expect(await readOrder(dataDirectory)).toBeNull();
  });

  it('is ordered once', async () => {
    const done = { repository: repository.path, commit: commit!, trialSeconds: 60, iterations: 3 };
    await writeOrder(dataDirectory, done);
    expect(await whyNot(repository.path, working!)).toBe('was ordered before');
    expect(await readOrder(dataDirectory)).toEqual(done);
  });
});
