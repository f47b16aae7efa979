import { z } from 'zod';
import { loopConfigSchema } from '../domain/config/loop-config.ts';
import { workerSettingsSchema } from '../domain/config/worker-settings.ts';
import { commandsReference } from './commands-reference.ts';
import { configurationReference, type Schema } from './configuration-reference.ts';
import { machineDiagram } from './machine-diagram.ts';

/** The files of docs/ that are made from the source, by name. */
export async function generatedDocs(): Promise<Map<string, string>> {
  const loop = z.toJSONSchema(loopConfigSchema, { io: 'input' });
  const worker = z.toJSONSchema(workerSettingsSchema, { io: 'input' });
  return new Map([
    ['loop-config.schema.json', `${JSON.stringify(loop, null, 2)}\n`],
    ['worker-settings.schema.json', `${JSON.stringify(worker, null, 2)}\n`],
    ['configuration.md', configurationReference(loop as Schema, worker as Schema)],
    ['commands.md', await commandsReference()],
    ['machine.mmd', machineDiagram()],
  ]);
}
