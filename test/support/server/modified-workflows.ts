import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';

const project = fileURLToPath(new URL('../../../', import.meta.url));

/** A copy of the workflows, bundled; with `incompatible` its iteration analyzes twice, which no history of today does. */
export async function copiedBundle({ incompatible }: { incompatible: boolean }): Promise<WorkflowBundle> {
  const copy = mkdtempSync(join(tmpdir(), 'karpathy-loop-workflows-'));
  try {
    for (const room of ['workflows', 'domain']) cpSync(join(project, room), join(copy, room), { recursive: true });
    symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
    if (incompatible) analyzeTwice(join(copy, 'workflows/iteration.ts'));
    return await bundleWorkflowCode({
      workflowsPath: join(copy, 'workflows/index.ts'),
      logger: new DefaultLogger('ERROR'),
    });
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function analyzeTwice(file: string): void {
  const text = readFileSync(file, 'utf8');
  const changed = text.replace(
    /const answer = (await scheduleActivity.*)/,
    (line, call) => `if (step === 'analyze') ${call}\n  ${line}`,
  );
  if (changed === text) throw new Error(`${file}: has no call of an activity to repeat`);
  writeFileSync(file, changed);
}
