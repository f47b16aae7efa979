import { existsSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { defaultModel, embeddedFiles } from '../../adapters/models/embedded.ts';
import { ownFile } from '../../adapters/own-files.ts';
import { findOnPath } from '../../adapters/sandbox/tools.ts';
import { missingProgram } from '../../adapters/sandbox/unavailable.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import type { WorkerSettings } from '../../domain/config/worker-settings.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';

/** Names of the parts that set-up brings beside the packages. */
export const parts = ['temporal', 'bubblewrap', 'engine', 'model'] as const;
export type Part = (typeof parts)[number];

/** Brings the parts that are missing, by the script of set-up: on standard error it says what it brings, and why. */
export async function bringParts(names: readonly Part[]): Promise<void> {
  const { exitCode } = await execa(process.execPath, [ownFile('scripts/setup.mjs'), ...names], {
    stdio: ['ignore', 2, 2],
    reject: false,
  });
  if (exitCode !== 0) throw new CommandError([]);
}

/** Refuses before anything starts where the sandbox has no program, unless the worker may do without. */
export function requireSandboxProgram(settingsFile: string): void {
  if (readSettings(settingsFile).unsandboxed || findOnPath('bwrap') !== null) return;
  throw new CommandError(missingProgram('bwrap', 'bubblewrap').message, exitCodes.sandbox);
}

/** Brings the embedded engine and its model where a loop will have no other: no Ollama answers, and none was named. */
export async function bringEmbeddedIfNeeded(
  { source, model }: LoopConfig['hypothesis'],
  { embeddedModel, ollamaHost }: WorkerSettings,
): Promise<void> {
  if (source !== 'embedded' && (source !== 'auto' || model !== undefined)) return;
  const files = embeddedFiles(embeddedModel);
  if (existsSync(files.engine) && existsSync(files.model)) return;
  if (source === 'auto') {
    const { findOllama } = await import('../../adapters/models/ollama.ts');
    if ((await findOllama(ollamaHost).catch(() => null))?.length) return;
  }
  await bringParts(embeddedModel === defaultModel ? ['engine', 'model'] : ['engine']);
}

/** As `run` has written them. */
function readSettings(file: string): WorkerSettings {
  return JSON.parse(readFileSync(file, 'utf8')) as WorkerSettings;
}
