import { z } from 'zod';
import { plainName, testCount, text } from './loop-config.ts';
import { ollamaAddress } from './ollama-address.ts';
import { parseBy, type ParseResult } from './problems.ts';
import { isRepositoryGlob } from './repository.ts';

const off = z.boolean().default(false);
const absolutePath = z.string().startsWith('/', 'must be an absolute path');

export const workerSettingsSchema = z
  .strictObject({
    $schema: z.string().optional().describe('The JSON Schema, for completion in an editor. Not read by the worker.'),
    repositories: z
      .array(z.string().refine(isRepositoryGlob, 'must be an absolute path or a URL, with "*" for what may vary'))
      .default([])
      .describe(
        'Globs of the repositories for loops: absolute paths, or URLs ("https://host/org/*"). "*" crosses no "/".',
      ),
    commandSources: z
      .record(
        plainName,
        z.strictObject({
          command: z.array(text).min(1).describe('The program and its arguments.'),
          seconds: z.number().gt(0).max(3_600).default(600).describe('Maximum wall time of one answer, in seconds.'),
        }),
      )
      .default({})
      .describe("Programs that may propose hypotheses, by name. They run as the worker's user, outside the sandbox."),
    guards: z
      .record(
        plainName,
        z.strictObject({
          directory: absolutePath.describe(
            'Directory of the held-out tests. It is mounted read-only as $GUARD only while they run.',
          ),
          command: text.describe(
            'Command that runs them, by sh -c in the sandbox, with the candidate as working directory.',
          ),
          testCount: testCount.describe(
            'Where the output says how many tests ran. Left out: the lines that common test runners print.',
          ),
        }),
      )
      .default({})
      .describe('Held-out tests that a loop may ask for, by name. Neither the loop nor the model sees them.'),
    readOnlyPaths: z
      .record(plainName, absolutePath)
      .default({})
      .describe('Paths that a loop may ask to see read-only in the sandbox, by name.'),
    devices: z
      .record(plainName, z.string().startsWith('/dev/', 'must lie in /dev'))
      .default({})
      .describe('Devices that a loop may ask to use in the sandbox, by name.'),
    environment: z
      .array(
        z
          .string()
          .regex(
            /^(?!LD_|GLIBC_TUNABLES$|BASH_FUNC_)/,
            "would also steer the sandbox's own programs; set it in the command",
          ),
      )
      .default([])
      .describe("Names of the worker's environment variables that a loop may ask for."),
    tools: z
      .array(z.string().regex(/^(\/[\w@%+=:,./-]*\/)?[A-Za-z0-9][A-Za-z0-9._+-]*$/))
      .default(['node', 'npm', 'npx'])
      .describe(
        'Tools on PATH outside the system directories; the sandbox shows them read-only, with their toolchains. One of a closed home by its absolute path.',
      ),
    setupNetwork: off.describe('Whether setup commands have network.'),
    outsideCheck: off.describe(
      'Whether a base that fails in the sandbox is run once outside it, to tell why. Only for trusted repositories.',
    ),
    hostTimeoutSeconds: z
      .int()
      .min(10)
      .max(86_400)
      .default(600)
      .describe('Seconds that a loop of a URL waits for a lost worker before another starts the iteration again.'),
    quotaMiB: z
      .int()
      .min(100)
      .default(20_480)
      .describe('Maximum size of the data directory, in MiB. Above it, caches are removed, and no new loop starts.'),
    minimumFreeMiB: z
      .int()
      .min(1)
      .default(256)
      .describe('Free disk space, in MiB, that a step waits for at its start, and after it ran out of space.'),
    autoAdopt: absolutePath
      .optional()
      .describe(
        'Checkout of this product from which the worker takes commits of its own loop (examples/self) as the code that it runs, without a person. CODE THAT A MODEL WROTE THEN LEAVES THE SANDBOX: read docs/adoption.md first. Left out: a person types "adopt".',
      ),
    unsandboxed: off.describe('Whether commands run without a sandbox. Read docs/sandbox.md first.'),
    ollamaHost: z
      .string()
      .refine((host) => ollamaAddress(host) !== null, 'must be an address such as "127.0.0.1:11434"')
      .default('http://127.0.0.1:11434')
      .describe('Address of the Ollama server, in any form that OLLAMA_HOST may have.'),
    openai: z
      .strictObject({
        baseUrl: z
          .string()
          .refine(isPlainUrl, 'must be an http or https URL without user, password and query')
          .describe('Address with its path, such as "http://127.0.0.1:8080/v1".'),
        keyVariable: z
          .string()
          .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable, not the key itself')
          .optional()
          .describe("Name of the worker's environment variable that holds the key. Left out: no key."),
      })
      .optional()
      .describe('An OpenAI-compatible server (llama.cpp, vLLM, LM Studio) for loops of "hypothesis.source": "openai".'),
    payloadCodec: absolutePath
      .optional()
      .describe(
        "Module (.mjs) whose default export is Temporal's PayloadCodec: worker and commands encode by it what the server keeps. Left out: plain JSON.",
      ),
    embeddedModel: plainName
      .default('SmolLM2-135M-Instruct')
      .describe('Model of the embedded engine: a GGUF file of this name in ~/.cache/karpathy-loop/models.'),
  })
  .meta({
    title: 'WorkerSettings',
    description: 'What one worker lets in. A loop chooses from it by name and reaches nothing else.',
  });

/** Settings of a worker's owner, with every default filled in. */
export type WorkerSettings = z.infer<typeof workerSettingsSchema>;

/** Checks a settings file's content; one line per bad field. Never throws. */
export function parseWorkerSettings(input: unknown): ParseResult<WorkerSettings> {
  const parsed = parseBy(workerSettingsSchema, input);
  if (!parsed.ok) return parsed;
  return { ok: true, value: { ...parsed.value, ollamaHost: ollamaAddress(parsed.value.ollamaHost)! } };
}

function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '' && search === '';
}
