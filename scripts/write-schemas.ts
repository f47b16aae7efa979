/** Writes the published JSON Schemas of LoopConfig and the worker's settings to docs/. */
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { loopConfigSchema } from '../domain/config/loop-config.ts';
import { workerSettingsSchema } from '../domain/config/worker-settings.ts';

for (const [name, schema] of [
  ['loop-config', loopConfigSchema],
  ['worker-settings', workerSettingsSchema],
] as const) {
  const file = new URL(`../docs/${name}.schema.json`, import.meta.url);
  writeFileSync(file, `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2)}\n`);
}
