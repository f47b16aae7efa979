import { z } from 'zod';
import { patternSchema } from './loop-config.ts';
import { explain, type Parsed } from './problem.ts';
import { isRepositoryGlob } from './repository.ts';

const absolutePath = z.string().startsWith('/', 'must be an absolute path');
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);

export const workerSettingsSchema = z
  .strictObject({
    $schema: z.string().optional(),
    repositories: z
      .array(z.string().refine(isRepositoryGlob, 'must be an absolute path or a URL, with "*" for what may vary'))
      .default([])
      .describe(
        'Globs of the repositories that loops may work on, by absolute path or by URL ("https://host/org/*", where "*" stays between two "/" and "**" does not); nothing else is opened.',
      ),
    commandSources: z
      .record(
        name,
        z.strictObject({
          command: z.array(z.string().min(1)).min(1),
          seconds: z.number().gt(0).max(3_600).default(600),
        }),
      )
      .default({})
      .describe(
        "Programs that may propose hypotheses, by name: argument vector and wall time in seconds. They run as the worker's user, outside the sandbox.",
      ),
    guards: z
      .record(
        name,
        z.strictObject({
          directory: absolutePath.describe(
            'Directory of the held-out tests; shown read-only as $GUARD while they run, and at no other time.',
          ),
          command: z.string().min(1).describe('By sh -c in the sandbox, with the candidate as working directory.'),
          testCount: z
            .strictObject({ pattern: patternSchema })
            .optional()
            .describe('As in a loop: where the output says how many tests ran.'),
        }),
      )
      .default({})
      .describe('Held-out tests that a loop may be judged by, by name. Neither the loop nor the model sees them.'),
    readOnlyPaths: z
      .record(name, absolutePath)
      .default({})
      .describe('Extra paths that a loop may see read-only in the sandbox, by name.'),
    devices: z
      .record(name, z.string().startsWith('/dev/', 'must lie in /dev'))
      .default({})
      .describe('Devices that a loop may use in the sandbox, by name.'),
    environment: z
      .array(z.string())
      .default([])
      .describe("Names of the worker's environment variables that a loop may ask for."),
    tools: z
      .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]*$/))
      .default(['node', 'npm', 'npx'])
      .describe(
        "Tools outside the system directories whose toolchain the sandbox shows read-only, found on the worker's PATH.",
      ),
    setupNetwork: z.boolean().default(false).describe('Whether the setup command has network.'),
    outsideCheck: z
      .boolean()
      .default(false)
      .describe(
        'Whether a base that fails its tests in the sandbox is run once outside of it, to tell what is wrong. Only for repositories whose own code may run freely.',
      ),
    hostTimeoutSeconds: z
      .int()
      .min(10)
      .max(86_400)
      .default(600)
      .describe(
        'How long a loop of a URL waits for a worker that holds an iteration before it begins the iteration again on another, in seconds.',
      ),
    quotaMiB: z
      .int()
      .min(100)
      .default(20_480)
      .describe(
        'Most that the data directory should hold: above it what can be made again is removed, and no new loop begins.',
      ),
    minimumFreeMiB: z
      .int()
      .min(1)
      .default(256)
      .describe(
        'Free disk space below which a step waits until there is more, before it begins and after it failed for want of room.',
      ),
    unsandboxed: z
      .boolean()
      .default(false)
      .describe('Whether commands run without a sandbox. Only for a person who has read what that means.'),
    ollamaHost: z.string().default('http://127.0.0.1:11434').describe('Address of the Ollama server.'),
  })
  .meta({
    title: 'WorkerSettings',
    description: 'What one worker lets in. A loop chooses from it by name and reaches nothing else.',
  });

/** What a worker's owner allows, with every default filled in. */
export type WorkerSettings = z.infer<typeof workerSettingsSchema>;

/** Checks a settings file's content; one line per bad field. Never throws. */
export function parseWorkerSettings(input: unknown): Parsed<WorkerSettings> {
  const parsed = workerSettingsSchema.safeParse(input);
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, problems: explain(parsed.error, workerSettingsSchema) };
}
