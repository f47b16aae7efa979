import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';
import type { PreparedLoop, Steps } from '../../../domain/steps.ts';
import { realActivities } from '../../support/real-activities.ts';
import { runGit, type TestRepository } from '../../support/repository/repository.ts';
import { createTarget, exactRounds, proposals, scriptedSource, targetConfig } from '../../support/repository/target.ts';
import { createDataDirectory } from '../../support/server/worker-process.ts';

const hasSandbox = findOnPath('bwrap') !== null;
const startedAt = '2026-01-02T03:04:05.000Z';

describe.skipIf(!hasSandbox)(
  'a loop whose repository many hosts share (bring the sandbox with: node scripts/setup.mjs)',
  () => {
    let target: TestRepository;
    let root: string;
    let bare: string;
    let url: string;
    let data: ReturnType<typeof createDataDirectory>[];

    beforeEach(async () => {
      target = await createTarget();
      root = await mkdtemp(join(tmpdir(), 'remote-'));
      bare = join(root, 'r.git');
      url = `file://${bare}`;
      await runGit(root, 'clone', '--quiet', '--bare', target.path, bare);
      data = [createDataDirectory(), createDataDirectory()];
    });
    afterEach(async () => {
      await target.remove();
      await rm(root, { recursive: true, force: true });
      data.forEach((directory) => directory.remove());
    });

    /** The activities of one of two workers that have no directory in common. */
    function host(number: 0 | 1, repositories = [`file://${root}/*`, target.path]): Promise<Steps> {
      const { path } = data[number]!;
      return realActivities(path, {
        repositories,
        commandSources: { script: { command: scriptedSource(path, [proposals.faster]).command } },
        hostTimeoutSeconds: 77,
      });
    }

    async function prepareOn(
      steps: Steps,
      repository: string,
      loopId: string,
      part: Partial<LoopConfigInput> = {},
    ): Promise<PreparedLoop> {
      return steps.prepare({ loopId, config: targetConfig(repository, part), startedAt });
    }

    const refs = () => runGit(bare, 'for-each-ref', '--format=%(refname)');

    it('by URL goes by the queue that it was started on, by path by the worker of this host', async () => {
      const steps = await host(0);
      expect(await prepareOn(steps, url, 'remote')).toMatchObject({
        queue: 'test',
        repository: url,
        nextIteration: 1,
        hostTimeoutSeconds: 77,
      });
      expect(await refs()).toBe('refs/heads/main\nrefs/karpathy-loop/remote/ledger');
      expect(await prepareOn(steps, target.path, 'local')).toMatchObject({
        queue: 'karpathy-loop/test',
        repository: target.path,
      });
    });

    it('that may not push is refused before anything is measured, and one that is refused later leaves no ref', async () => {
      const steps = await host(0);
      const hook = join(bare, 'hooks', 'pre-receive');
      await writeFile(hook, '#!/bin/sh\necho no rights for you >&2\nexit 1\n');
      await chmod(hook, 0o755);
      const mark = join(root, 'measured');
      const unmeasured = prepareOn(steps, url, 'rights', { test: `touch ${mark}; exit 1` });
      await expect(unmeasured).rejects.toMatchObject({
        nonRetryable: true,
        message: expect.stringMatching(/refuses the push .*pre-receive hook declined/) as string,
      });
      await rm(hook);
      await expect(prepareOn(steps, url, 'rights', { test: 'false' })).rejects.toMatchObject({
        nonRetryable: true,
        message: expect.stringMatching(/^test: /) as string,
      });
      await expect(prepareOn(steps, url, 'nobase', { base: 'none' })).rejects.toThrow(
        /base: "none" is no commit of file:/,
      );
      await expect(prepareOn(steps, url, 'nosha', { base: 'f'.repeat(40) })).rejects.toMatchObject({
        nonRetryable: true,
        message: expect.stringMatching(/commit/) as string,
      });
      expect(await refs()).toBe('refs/heads/main');
    });

    it('is refused on the branch of another loop, by URL and by path', async () => {
      const steps = await host(0);
      const removals = {
        [url]: `git push ${url} --delete refs/karpathy-loop/first/ledger`,
        [target.path]: 'npx karpathy-loop clean --refs first',
      };
      for (const [repository, removal] of Object.entries(removals)) {
        await prepareOn(steps, repository, 'first', { branch: 'perf' });
        await expect(prepareOn(steps, repository, 'second', { branch: 'perf' })).rejects.toThrow(
          `branch: "perf" is the branch of loop "first" too; set "branch" to another name, or, once that loop has ended, remove what it recorded (${removal})`,
        );
        await prepareOn(steps, repository, 'first', { branch: 'perf' });
      }
    });

    it.each(['URL', 'path'])(
      'by %s has its branch alone where two begin at the same moment, and one that is refused leaves no ref',
      async (kind) => {
        const [repository, place] = kind === 'URL' ? [url, bare] : [target.path, target.path];
        const hosts = [await host(0), await host(1)];
        const ends = await Promise.allSettled(
          hosts.map((steps, at) => prepareOn(steps, repository, `loop-${at}`, { branch: 'perf' })),
        );
        const begun = ends.flatMap(({ status }, at) =>
          status === 'fulfilled' ? [`refs/karpathy-loop/loop-${at}/ledger`] : [],
        );
        expect(begun.length).toBeLessThan(2);
        for (const end of ends)
          if (end.status === 'rejected')
            expect(end.reason).toMatchObject({
              nonRetryable: true,
              message: expect.stringMatching(/^branch: "perf" is the branch/) as string,
            });
        expect(await runGit(place, 'for-each-ref', '--format=%(refname)', 'refs/karpathy-loop')).toBe(begun.join('\n'));
      },
    );

    it.each(['URL', 'path'])(
      'by %s goes on on a worker that has never seen it: champion, records and sums',
      async (kind) => {
        const repository = kind === 'URL' ? url : target.path;
        const place = kind === 'URL' ? bare : target.path;
        const [one, two] = [await host(0), await host(1)];
        const config = { iterations: 3, benchmark: exactRounds };
        const { champion } = await prepareOn(one, repository, 'moved', config);
        const ref = { loopId: 'moved', repository, champion, startedAt };
        // The first iteration wholly on the second host.
        expect(await two.collect({ ...ref, iteration: 1 })).toMatchObject({ metric: expect.any(Number) as number });
        const applied = await two.apply({ ...ref, iteration: 1, hypothesis: proposals.faster });
        if (applied.kind !== 'applied') throw new Error(applied.detail);
        const judged = await two.benchmark({ ...ref, iteration: 1, tree: applied.tree });
        if (judged.kind !== 'judged') throw new Error(judged.detail);
        await two.challenge({ ...ref, iteration: 1, tree: applied.tree });
        const facts = {
          ...ref,
          iteration: 1,
          hypothesis: proposals.faster,
          tree: applied.tree,
          verdict: judged.verdict,
          attempts: 1,
          tokens: 5,
          seconds: 12.5,
        };
        const committed = await two.commit(facts);
        if (committed.kind !== 'committed') throw new Error(committed.detail);
        expect(await runGit(place, 'rev-parse', 'karpathy-loop/moved')).toBe(committed.commit);
        // The second on the first again, from the champion that it has not made.
        const next = { ...ref, iteration: 2, champion: committed.commit };
        expect(await one.collect(next)).toMatchObject({ metric: expect.any(Number) as number });
        const asked = await one.hypothesize({ ...next, hotspots: [], metric: 1, attempt: 0, previous: null });
        expect(asked.kind).toBe('hypothesis');
        await one.rollback({
          ...next,
          hypothesis: null,
          tree: null,
          verdict: null,
          attempts: 1,
          tokens: 7,
          seconds: 1,
          reason: 'no-hypothesis',
          detail: '',
        });
        expect(await prepareOn(two, repository, 'moved', config)).toMatchObject({
          nextIteration: 3,
          champion: committed.commit,
          earlier: {
            committed: 1,
            rolledBack: 0,
            failed: 1,
            consecutiveFailures: 1,
            tokens: 12,
            seconds: 13.5,
            stagnation: 1,
          },
        });
      },
    );

    it('is not opened by a worker whose settings do not allow the URL, nor by a form of address that is not served', async () => {
      const steps = await host(0, [`file://${root}/other/**`]);
      await expect(prepareOn(steps, url, 'foreign')).rejects.toThrow(
        /^repository: ".*r\.git" is not allowed by this worker/,
      );
      const ref = { loopId: 'foreign', champion: 'a'.repeat(40), iteration: 1, startedAt };
      await expect(steps.collect({ ...ref, repository: url })).rejects.toThrow(/is not allowed by this worker/);
      await expect(steps.collect({ ...ref, repository: `ext::touch ${join(root, 'pwned')}` })).rejects.toThrow(
        /"ext::" is no transport/,
      );
    });
  },
);
