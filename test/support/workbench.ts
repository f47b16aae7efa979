import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { TestRepository } from './repository/repository.ts';
import { createTarget } from './repository/target.ts';
import { startServer } from './server/temporal.ts';
import { createDataDirectory, type RunningWorker } from './server/worker-process.ts';

export interface Workbench {
  /** One for the suite. */
  server: TestWorkflowEnvironment;
  /** Made for each test and removed after it, or once where the suite's tests share them. */
  data: ReturnType<typeof createDataDirectory>;
  /** Likewise. */
  target: TestRepository;
  /** A worker put here is stopped when the target is removed. */
  worker?: RunningWorker;
}

/** Registers the hooks of a suite over real worker processes; call it where the tests are declared. */
export function useWorkbench({ isShared = false } = {}): Workbench {
  const bench = {} as Workbench;
  const [before, after] = isShared ? [beforeAll, afterAll] : [beforeEach, afterEach];
  beforeAll(async () => {
    bench.server = await startServer();
  });
  afterAll(() => bench.server.teardown());
  before(async () => {
    bench.data = createDataDirectory();
    bench.target = await createTarget();
  });
  after(async () => {
    await bench.worker?.stop();
    delete bench.worker;
    await bench.target.remove();
    bench.data.remove();
  });
  return bench;
}
