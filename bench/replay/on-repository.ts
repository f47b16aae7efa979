/** The replay check alone, on a real repository with a real sandbox. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { execa } from 'execa';
import { baseFacts } from '../../activities/measure/baseline.ts';
import { replayCheck, type ReplayResult } from '../../activities/replay/replay.ts';
import { testCandidate } from '../../activities/suites/judge-suite.ts';
import { writeTree } from '../../adapters/git/trees.ts';
import type { LoopConfigInput } from '../../domain/config/loop-config.ts';
import type { TestAnswer } from '../../domain/steps.ts';
import { contextOn, createResources, openLoopOn } from '../../test/support/open-loop.ts';
import type { TestRepository } from '../../test/support/repository/repository.ts';

export interface Edit {
  file: string;
  search: string;
  replace: string;
}

export interface Checked {
  /** Null where the tests were not asked. */
  tests: TestAnswer | null;
  replay: ReplayResult;
  seconds: number;
}

export interface OnRepository {
  /** Makes a candidate of the edits, and asks the tests and the check. */
  check(edits: readonly Edit[], asksTests?: boolean): Promise<Checked>;
  data: string;
}

/** @param path a checkout; its HEAD is the base */
export async function onRepository(
  path: string,
  part: Partial<LoopConfigInput>,
  readOnlyPaths: Record<string, string> = {},
): Promise<OnRepository> {
  const data = mkdtempSync(join(tmpdir(), 'replay-bench-'));
  const git = async (...args: string[]) => (await execa('git', args, { cwd: path })).stdout.trim();
  const resources = await createResources(data, {
    repositories: [path],
    readOnlyPaths,
    commandSources: { script: { command: ['true'] } },
  });
  const limits = { testSeconds: 120, benchmarkSeconds: 60, scratchMiB: 512 };
  const loop = await openLoopOn(resources, { path, git } as TestRepository, { limits, workspace: 'readonly', ...part });
  const context = contextOn(resources, loop);
  const inActivity = <Out>(work: () => Promise<Out>) =>
    new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') }).run<[], Out, () => Promise<Out>>(
      work,
    );
  await inActivity(() => baseFacts(context));
  let iteration = 0;
  return {
    data,
    check: (edits, asksTests = true) =>
      inActivity(async () => {
        const champion = loop.plan.baseSha;
        const texts = new Map<string, string>();
        for (const { file, search, replace } of edits) {
          const text = texts.get(file) ?? readFileSync(join(path, file), 'utf8');
          if (text.split(search).length !== 2) throw new Error(`${file}: ${JSON.stringify(search)} is not there once`);
          texts.set(
            file,
            text.replace(search, () => replace),
          );
        }
        const tree = await writeTree(
          loop.clone,
          champion,
          [...texts].map(([file, content]) => ({ path: file, content })),
        );
        const input = {
          loopId: 'loop',
          repository: path,
          champion,
          iteration: ++iteration,
          startedAt: '2026-01-02T03:04:05.000Z',
          tree,
        };
        const tests = asksTests ? await testCandidate(context, input) : null;
        const began = performance.now();
        const replay = await replayCheck(context, input);
        return { tests, replay, seconds: (performance.now() - began) / 1000 };
      }),
  };
}
