import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { copyModules } from '../../adapters/adoption/copy-modules.ts';
import { exportTree } from '../../adapters/git/export.ts';
import { ownFile } from '../../adapters/own-files.ts';
import type { AdoptionAnswer, AdoptionRef } from '../../domain/adoption/adoption.ts';
import { flushDisk } from '../../store/disk-space.ts';
import type { WorkerContext } from '../loop/resources.ts';
import { buildOf, openAdoption } from './context.ts';

/** Exports the commit, and the last good build as far as that is a checkout, each with the packages that work now. */
export async function build(context: WorkerContext, ref: AdoptionRef): Promise<AdoptionAnswer> {
  const { clone, judge } = await openAdoption(context, ref);
  const modules = await realpath(ownFile('node_modules'));
  for (const commit of [judge, ref.commit]) {
    context.say(`build ${commit.slice(0, 12)}`);
    const directory = buildOf(context, commit);
    await exportTree(clone, commit, directory);
    await copyModules(modules, join(directory, 'node_modules'), context.signal);
  }
  // They stay for good, whole, also where the power goes.
  await flushDisk(context.worker.dataDirectory);
  return { kind: 'passed', facts: `exported beside the last good build, ${judge.slice(0, 12)}` };
}
