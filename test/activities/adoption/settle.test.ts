import { expect, it } from 'vitest';
import { adopt, withdraw } from '../../../activities/adoption/settle.ts';
import type { WorkerContext } from '../../../activities/loop/resources.ts';
import { adoptionSteps } from '../../../domain/adoption/adoption.ts';

it('An adoption ends as its findings say, so that the chain cannot tell the contrary.', async () => {
  const passed = adoptionSteps.map((step) => ({ step, passed: true, text: 'fine' }));
  const input = {
    ...{ adoption: 'run-1', repository: '/product', commit: 'c'.repeat(40) },
    ...{ startedAt: '2026-01-02T03:04:05.000Z', endedAt: '2026-01-02T04:04:05.000Z' },
  };
  const context = { worker: { dataDirectory: '/nowhere' } } as WorkerContext;
  await expect(withdraw(context, { ...input, findings: passed })).rejects.toThrow(
    'adoption: its findings do not say that cccccccccccc is withdrawn',
  );
  for (const findings of [[], passed.slice(1), passed.map((one) => ({ ...one, passed: one.step !== 'examine' }))])
    await expect(adopt(context, { ...input, findings })).rejects.toThrow(
      'adoption: its findings do not say that cccccccccccc is adopted',
    );
});
