import { z } from 'zod';
import { explain, type Parsed } from './problem.ts';

const absolutePath = z.string().startsWith('/', 'must be an absolute path');
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);

export const workerSettingsSchema = z
  .strictObject({
    $schema: z.string().optional(),
    repositories: z.array(absolutePath).default([]).describe('Globs of the repositories that loops may work on; nothing else is opened.'),
    commandSources: z
      .record(name, z.strictObject({ command: z.array(z.string().min(1)).min(1), seconds: z.number().gt(0).max(3_600).default(600) }))
      .default({})
      .describe("Programs that may propose hypotheses, by name: argument vector and wall time in seconds. They run as the worker's user, outside the sandbox."),
    readOnlyPaths: z.record(name, absolutePath).default({}).describe('Extra paths that a loop may see read-only in the sandbox, by name.'),
    devices: z.record(name, z.string().startsWith('/dev/', 'must lie in /dev')).default({}).describe('Devices that a loop may use in the sandbox, by name.'),
    environment: z.array(z.string()).default([]).describe("Names of the worker's environment variables that a loop may ask for."),
    tools: z
      .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]*$/))
      .default(['node', 'npm', 'npx'])
      .describe("Tools outside the system directories whose toolchain the sandbox shows read-only, found on the worker's PATH."),
    setupNetwork: z.boolean().default(false).describe('Whether the setup command has network.'),
    unsandboxed: z.boolean().default(false).describe('Whether commands run without a sandbox. Only for a person who has read what that means.'),
    ollamaHost: z.string().default('http://127.0.0.1:11434').describe('Address of the Ollama server.'),
  })
  .meta({ title: 'WorkerSettings', description: 'What one worker lets in. A loop chooses from it by name and reaches nothing else.' });

/** What a worker's owner allows, with every default filled in. */
export type WorkerSettings = z.infer<typeof workerSettingsSchema>;

/** Checks a settings file's content; one line per bad field. Never throws. */
export function parseWorkerSettings(input: unknown): Parsed<WorkerSettings> {
  const parsed = workerSettingsSchema.safeParse(input);
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, problems: explain(parsed.error, workerSettingsSchema) };
}
