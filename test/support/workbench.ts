import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { TestRepository } from './repository/repository.ts';
import { createTarget } from './repository/target.ts';
import { startServer } from './server/temporal.ts';
import { createDataDirectory, type RunningWorker } from './server/worker-process.ts';

export interface Workbench {
  /** One for the suite. */
  server: TestWorkflowEnvironment;
  /** Made for each test and removed after it. */
  data: ReturnType<typeof createDataDirectory>;
  /** Likewise. */
  target: TestRepository;
  /** What a test puts here is stopped after it. */
  worker?: RunningWorker;
}

/** Registers what a suite over real worker processes needs; to be called where its tests are declared. */
export function useWorkbench(): Workbench {
  const bench = {} as Workbench;
  beforeAll(async () => {
    bench.server = await startServer();
  });
  afterAll(() => bench.server.teardown());
  beforeEach(async () => {
    bench.data = createDataDirectory();
    bench.target = await createTarget();
  });
  afterEach(async () => {
    await bench.worker?.stop();
    delete bench.worker;
    await bench.target.remove();
    bench.data.remove();
  });
  return bench;
}
