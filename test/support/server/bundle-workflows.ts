import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** Bundles the workflows once for all workers of a test run. */
export default async function setup(): Promise<(() => void) | undefined> {
  if (process.env['KARPATHY_LOOP_BUNDLE']) return undefined;
  const workflowsPath = fileURLToPath(new URL('../../../workflows/index.ts', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const directory = mkdtempSync(join(tmpdir(), 'karpathy-loop-bundle-'));
  const file = (process.env['KARPATHY_LOOP_BUNDLE'] = join(directory, 'workflows.js'));
  writeFileSync(file, code);
  return () => {
    delete process.env['KARPATHY_LOOP_BUNDLE'];
    rmSync(directory, { recursive: true });
  };
}
