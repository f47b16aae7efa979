import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { preview } from '../../../activities/checks/preview.ts';
import type { Resources } from '../../../activities/loop/resources.ts';
import { iterationPaths, loopPaths } from '../../../store/layout.ts';
import { writePlan } from '../../../store/loop-files.ts';
import { createResources, openLoopOn, settingsFor } from '../../support/open-loop.ts';
import type { TestRepository } from '../../support/repository/repository.ts';
import { createTarget } from '../../support/repository/target.ts';

let [data, target, resources]: [string, TestRepository, Resources] = ['', undefined as never, undefined as never];
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'preview-'));
  target = await createTarget();
  resources = await createResources(data, settingsFor(data, target.path), { sandboxed: false });
});
afterAll(async () => {
  await target.remove();
  await rm(data, { recursive: true, force: true });
});

it('shows the question of a config that has not run, and says that no profile is there', async () => {
  const { plan } = await openLoopOn(resources, target);
  const shown = await preview(resources, { loopId: null, config: plan.config, model: 'coder:1.5b' });
  expect(shown).toMatchObject({ model: 'ollama coder:1.5b', problem: null });
  expect(shown.question?.prompt).toContain('for (const item of items) sum += item;');
  expect(shown.question?.shown.form).toBe('rewrite');
  expect(shown.notes.join('\n')).toMatch(/no profile of this repository.*\n.*speed is not measured/);
});

it('takes hotspots and number from the newest brief of a loop, and refuses one that has not run here', async () => {
  const { plan, directory } = await openLoopOn(resources, target);
  await mkdir(directory, { recursive: true });
  await writePlan(directory, plan);
  const file = iterationPaths(loopPaths(directory).iteration(4)).brief(0);
  await mkdir(dirname(file), { recursive: true });
  const hotspots = [{ file: 'src/total.mjs', name: 'total', line: 3, share: 0.8 }];
  await writeFile(file, JSON.stringify({ version: 2, iteration: 4, hotspots, metric: 7, hint: 'Sum once.' }));
  const shown = await preview(resources, { loopId: 'loop', config: null, model: null });
  expect(shown).toMatchObject({ question: null, problem: null, notes: [] });
  expect(shown.brief).toMatchObject({
    iteration: 5,
    metric: 7,
    hint: 'Sum once.',
    hot: [{ name: 'total', share: 0.8 }],
  });
  await expect(preview(resources, { loopId: 'gone', config: null, model: null })).rejects.toThrow('has not run on');
});
