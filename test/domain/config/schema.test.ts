import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { loopConfigSchema } from '../../../domain/config/loop-config.ts';
import { workerSettingsSchema } from '../../../domain/config/worker-settings.ts';

it.each([
  ['loop-config', loopConfigSchema],
  ['worker-settings', workerSettingsSchema],
])('docs/%s.schema.json is fresh (else: npx tsx scripts/write-schemas.ts)', (name, schema) => {
  const published: unknown = JSON.parse(
    readFileSync(new URL(`../../../docs/${name}.schema.json`, import.meta.url), 'utf8'),
  );
  expect(published).toEqual(z.toJSONSchema(schema, { io: 'input' }));
});
