import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { BaseFacts } from '../../activities/measure/base-facts.ts';
import { baseFacts } from '../../activities/measure/baseline.ts';
import { createActivities, type Resources } from '../../activities/index.ts';
import { openLoop } from '../../activities/loop/open-loop.ts';
import type { SandboxRequest } from '../../adapters/sandbox/contract.ts';
import type { LoopConfigInput } from '../../domain/config/loop-config.ts';
import type { Hypothesis } from '../../domain/proposal/hypothesis.ts';
import type { IterationRef, PreparedLoop, Steps, TestAnswer } from '../../domain/steps.ts';
import type { TestRepository } from './repository/repository.ts';
import { createContext, createResources, settingsFor } from './open-loop.ts';
import { createTarget, targetConfig } from './repository/target.ts';
import { createDataDirectory } from './server/worker-process.ts';

/** The first steps of a loop over a small target, on real git and a real sandbox. */
export interface StepsOnTarget {
  target: TestRepository;
  data: string;
  /** May be changed between steps, as a worker that starts again with other settings would. */
  resources: Resources;
  /** Every sandboxed run so far. */
  runs: SandboxRequest[];
  /** Without a profile, unless the part asks for one. */
  prepare(part?: Partial<LoopConfigInput>, loopId?: string): Promise<PreparedLoop>;
  facts(prepared: PreparedLoop): Promise<BaseFacts>;
  /** Does work in an activity's context of its own, as in a worker. */
  call<Out>(work: (steps: Steps) => Promise<Out>): Promise<Out>;
  /** Applies a hypothesis to the base and tests the result. */
  test(prepared: PreparedLoop, hypothesis: Hypothesis): Promise<TestAnswer>;
  remove(): Promise<void>;
}

export async function stepsOnTarget({
  settings = {},
  files = {},
}: { settings?: object; files?: Record<string, string> } = {}): Promise<StepsOnTarget> {
  const data = createDataDirectory();
  const target = await createTarget(files);
  const runs: SandboxRequest[] = [];
  const resources = await createResources(data.path, { ...settingsFor(data.path, target.path), ...settings });
  const { sandbox } = resources;
  const run: typeof sandbox.run = (request) => {
    runs.push(request);
    return sandbox.run(request);
  };
  resources.sandbox = { ...sandbox, run };
  const inActivity = <Out>(work: () => Promise<Out>): Promise<Out> =>
    new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') }).run<[], Out, () => Promise<Out>>(
      work,
    );
  const call: StepsOnTarget['call'] = (work) => inActivity(() => work(createActivities(resources)));
  const first = ({ loopId, repository, champion }: PreparedLoop): IterationRef => ({
    loopId,
    repository,
    champion,
    iteration: 1,
    startedAt,
  });
  return {
    target,
    data: data.path,
    resources,
    runs,
    call,
    prepare: (part = {}, loopId = 'loop') =>
      call((steps) =>
        steps.prepare({ loopId, config: targetConfig(target.path, { profile: 'none', ...part }), startedAt }),
      ),
    facts: (prepared) =>
      inActivity(async () => {
        const context = createContext(resources);
        return baseFacts({ ...context, loop: await openLoop(context, prepared) });
      }),
    async test(prepared, hypothesis) {
      const ref = first(prepared);
      const applied = await call((steps) => steps.apply({ ...ref, hypothesis }));
      if (applied.kind !== 'applied') throw new Error(applied.detail);
      return call((steps) => steps.test({ ...ref, tree: applied.tree }));
    },
    async remove() {
      await target.remove();
      data.remove();
    },
  };
}

const startedAt = '2026-01-02T03:04:05.000Z';
