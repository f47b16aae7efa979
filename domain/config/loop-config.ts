import { z } from 'zod';
import { explain, type Parsed } from './problem.ts';
import { repositoryFormProblem } from './repository.ts';

/** A share of one: 0.05 is 5 %. */
const share = z.number().gt(0).lt(1);
const command = z.string().min(1);
const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be a plain name: letters, digits, ".", "_" and "-"');
const relativePath = z
  .string()
  .min(1)
  .refine(
    (path) => !path.startsWith('/') && !path.split('/').includes('..') && !/[\0\n\\]/.test(path),
    'must be a path inside the repository',
  );
export const patternSchema = z
  .string()
  .min(1)
  .refine(hasOneGroup, 'must be a regular expression with exactly one capture group, such as "^METRIC ms=([0-9.]+)$"');

const metric = z
  .union([
    z.strictObject({ pattern: patternSchema }),
    z.strictObject({ pointer: z.string().startsWith('/', 'must be a JSON pointer, such as "/ms"') }),
  ])
  .describe(
    "Where the command's standard output says the number: a pattern with one group (matched line by line, exactly one match) or a JSON pointer. Left out: the loop's own clock of the command, in milliseconds.",
  );

const noise = z
  .enum(['measured', 'exact'])
  .default('measured')
  .describe(
    'How the metric varies: "measured" from run to run; "exact" not at all (bytes, allocations), so that one run decides and one more confirms.',
  );

export const loopConfigSchema = z
  .strictObject({
    $schema: z.string().optional(),
    repository: z
      .string()
      .min(1)
      .describe(
        "The git repository: an absolute path on the worker's host, or a URL that any worker reaches (https, http, ssh, git, file, or user@host:path). Credentials are git's own business and never stand here.",
      ),
    base: z
      .string()
      .min(1)
      .regex(/^[^-\s][^\s]*$/, 'must be a revision, such as "HEAD" or "main"')
      .default('HEAD')
      .describe('The revision to start from; of a URL HEAD, a branch, a tag or a full commit id.'),
    branch: z
      .string()
      .min(1)
      .default('karpathy-loop/<loopId>')
      .describe('The branch that gets the commits; "<loopId>" stands for the loop\'s id.'),
    seed: z
      .int()
      .min(0)
      .max(0xffffffff)
      .default(1)
      .describe(
        'Seed of the model. The coin of a decision is drawn anew each time, so that no program can know it; the evidence has it.',
      ),
    editable: z
      .array(relativePath)
      .min(1)
      .describe(
        'Globs of the files that a hypothesis may change, "!" before a glob takes out; nothing else can be changed, and tests, benchmarks, manifests and tool configurations never.',
      ),
    setup: command
      .optional()
      .describe(
        'Run once per base and worker, in the sandbox, in an export of its own; with network if the worker allows it.',
      ),
    provided: z
      .array(relativePath)
      .default([])
      .describe('Paths that setup makes (such as "node_modules"); every later run sees them read-only.'),
    build: command
      .optional()
      .describe('Run once per candidate, in the sandbox, in a writable copy; test and benchmark see its result.'),
    workspace: z
      .enum(['auto', 'readonly', 'copy'])
      .default('auto')
      .describe(
        'How test and benchmark see the tree: mounted read-only, or as a fresh writable copy for each run; "auto" takes read-only if the base works so.',
      ),
    test: command.describe(
      'The tests, by sh -c in the sandbox; exit code 0 passes, if as many tests ran as on the base.',
    ),
    testCount: z
      .strictObject({ pattern: patternSchema })
      .optional()
      .describe(
        "Where the tests' output says how many ran: a pattern with one group (several matches are added up). Left out: the common runners' own lines.",
      ),
    guard: name
      .optional()
      .describe(
        "Name of held-out tests in the worker's settings, run after the visible ones. The loop keeps pass or fail and nothing else.",
      ),
    benchmark: z
      .strictObject({
        command: command.describe('The benchmark, by sh -c in the sandbox; exit code 0 and exactly one metric.'),
        metric: metric.optional(),
        unit: z
          .string()
          .max(16)
          .regex(/^[^\p{C}]*$/u)
          .default('ms')
          .describe(
            'Unit of the metric. One of time or a rate (ms, s, ops/s) is what the clock must corroborate; any other is nothing that a clock could see.',
          ),
        better: z.enum(['lower', 'higher']).default('lower').describe('Which direction of the metric is a gain.'),
        noise,
        clock: z
          .enum(['cpu', 'wall', 'none'])
          .default('cpu')
          .describe(
            'The loop\'s own clock that must see a claimed gain too, and is the metric where none is given: CPU time of the command, "wall" where waiting is the point. "none": the metric is nothing that a clock could see.',
          ),
        output: metric
          .optional()
          .describe(
            'Where the output says what was computed (a checksum, say), as a pattern or a JSON pointer: it must be equal on both sides of every pair.',
          ),
      })
      .describe('What is to become better.'),
    sideMetrics: z
      .array(
        z.strictObject({
          name,
          command: command.describe('Run like the benchmark, by sh -c in the sandbox.'),
          metric: metric.optional(),
          better: z.enum(['lower', 'higher']).default('lower'),
          noise,
          worstAllowed: z
            .number()
            .min(0)
            .lt(1)
            .default(0.05)
            .describe('The worsening that is tolerated, as a share: 0.05 is 5 %.'),
        }),
      )
      .max(8)
      .default([])
      .describe('What may not become worse for the sake of the benchmark.'),
    minImprovement: share.default(0.05).describe('The gain that a commit needs, as a share: 0.05 is 5 %.'),
    falseCommitRate: share
      .default(0.001)
      .describe(
        'Highest chance that one decision accepts a candidate without any gain. The loop may lower it, never raise it.',
      ),
    iterations: z.int().min(1).max(100_000).default(50).describe('Iterations of the loop.'),
    budget: z
      .strictObject({
        hours: z
          .number()
          .gt(0)
          .default(8)
          .describe(
            'Working time of the steps, in hours; time in which no worker ran, or the machine slept, does not count.',
          ),
        tokens: z.int().min(1).default(2_000_000).describe('Tokens of prompts and answers.'),
        consecutiveFailures: z.int().min(1).default(20).describe('Failed iterations in a row.'),
      })
      .prefault({})
      .describe('The loop ends when one of these is used up.'),
    hypothesis: z
      .strictObject({
        source: z
          .enum(['auto', 'ollama', 'embedded', 'command'])
          .default('auto')
          .describe(
            'Who proposes: "auto" takes Ollama if it answers and else the embedded engine; the others are never replaced.',
          ),
        model: z
          .string()
          .min(1)
          .max(200)
          .optional()
          .describe('Ollama model, such as "qwen2.5-coder:7b". A named model is never replaced.'),
        command: name.optional().describe("Name of a command source in the worker's settings."),
        contextTokens: z
          .int()
          .min(512)
          .max(1_048_576)
          .default(16_384)
          .describe("Context window asked for, in tokens; clamped to the model's."),
        repairs: z
          .int()
          .min(0)
          .max(5)
          .default(1)
          .describe('Times that a failed edit, build or test goes back to the model with its error.'),
      })
      .prefault({}),
    sandbox: z
      .strictObject({
        readOnly: z.array(name).default([]).describe("Names of read-only paths in the worker's settings."),
        devices: z.array(name).default([]).describe("Names of devices in the worker's settings."),
        environment: z
          .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
          .default([])
          .describe("Names of environment variables that the worker's settings let through."),
      })
      .prefault({}),
    profile: z
      .enum(['auto', 'none'])
      .default('auto')
      .describe('"auto" profiles what can be profiled (Node.js); "none" never does.'),
    commit: z
      .strictObject({
        identity: z
          .string()
          .regex(/^[^<>\p{C}]+ <[^<>\s\p{C}]+>$/u, 'must be "Name <address>"')
          .default('Karpathy Loop <loop@localhost>')
          .describe('Author and committer of the commits.'),
      })
      .prefault({}),
    limits: z
      .strictObject({
        testSeconds: z
          .number()
          .gt(0)
          .max(86_400)
          .default(120)
          .describe('Wall time of setup, build and test, each, in seconds.'),
        benchmarkSeconds: z
          .number()
          .gt(0)
          .max(86_400)
          .default(60)
          .describe('Wall time of one run of the benchmark, in seconds.'),
        memoryMiB: z.int().min(16).default(2048).describe('Memory of one run, in MiB.'),
        processes: z.int().min(1).max(65_536).default(256).describe('Processes and threads of one run.'),
        outputKiB: z.int().min(1).max(65_536).default(1024).describe('Output of one run, in KiB.'),
        scratchMiB: z.int().min(1).default(256).describe('Writable space of one run, in MiB.'),
      })
      .prefault({}),
  })
  .meta({ title: 'LoopConfig', description: 'What one loop is to improve, and how.' });

/** One loop, with every default filled in. The same object in loop.json, in `--input` and in code. */
export type LoopConfig = z.infer<typeof loopConfigSchema>;

/** What a person writes: the same with defaults left out. */
export type LoopConfigInput = z.input<typeof loopConfigSchema>;

/** Keys that the design has and this version does not enforce: refused by name, never ignored. */
const notEnforced: [path: string[], remedy: string][] = [[['hypothesis', 'samples'], 'remove it']];

/** Checks a LoopConfig; one line per bad field, each with field, fact and remedy. Never throws. */
export function parseLoopConfig(input: unknown): Parsed<LoopConfig> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    const fact =
      typeof input === 'string' ? 'a string' : input === undefined ? 'nothing' : JSON.stringify(input).slice(0, 40);
    return {
      ok: false,
      problems: [
        `config: is ${fact}; give one plain JSON object, such as {"repository": "/path", "editable": ["src/**"], …}`,
      ],
    };
  }
  const pending = notEnforced.flatMap(([path, remedy]) => {
    const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], input);
    return value === undefined
      ? []
      : [`${path.join('.')}: ${JSON.stringify(value).slice(0, 60)} is not enforced by this version; ${remedy}`];
  });
  if (pending.length > 0) return { ok: false, problems: pending };
  const parsed = loopConfigSchema.safeParse(input);
  if (!parsed.success) return { ok: false, problems: explain(parsed.error, loopConfigSchema) };
  const problems = crossCheck(parsed.data);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: parsed.data };
}

function crossCheck({ repository, branch, hypothesis, benchmark, sideMetrics, setup, provided }: LoopConfig): string[] {
  const problems: string[] = [];
  if (setup && provided.length === 0)
    problems.push(
      'provided: is empty, so that no run would see what "setup" makes; name its paths, such as ["node_modules"]',
    );
  if (!setup && provided.length > 0)
    problems.push('provided: is given without a setup that makes it; give "setup" or remove "provided"');
  const form = repositoryFormProblem(repository);
  if (form) problems.push(form);
  if (!isRefName(branch.replaceAll('<loopId>', 'id')))
    problems.push(`branch: "${branch}" is not a valid branch name; use one such as "karpathy-loop/<loopId>"`);
  const { source, command, model } = hypothesis;
  if (source === 'command' && !command)
    problems.push(
      'hypothesis.command: is missing for source "command"; name a command source of the worker\'s settings',
    );
  if (source !== 'command' && command)
    problems.push(`hypothesis.command: is given for source "${source}"; set hypothesis.source to "command"`);
  if (model && (source === 'command' || source === 'embedded'))
    problems.push(`hypothesis.model: is given for source "${source}"; use source "ollama" or remove it`);
  if (!benchmark.metric && benchmark.better === 'higher')
    problems.push(
      'benchmark.better: is "higher" without a metric, which asks for a slower program; give benchmark.metric, or "lower"',
    );
  if (!benchmark.metric && benchmark.clock === 'none')
    problems.push(
      'benchmark.clock: is "none" and there is no metric, so that nothing is measured; give benchmark.metric, or "cpu" or "wall"',
    );
  const judged = [
    { field: 'benchmark', ...benchmark },
    ...sideMetrics.map((side, index) => ({ field: `sideMetrics.${index}`, ...side })),
  ];
  for (const { field, noise, metric } of judged)
    if (noise === 'exact' && !metric)
      problems.push(
        `${field}.noise: is "exact" without a metric, and no clock repeats to the last digit; give ${field}.metric`,
      );
  sideMetrics.forEach(({ name, noise, worstAllowed }, index) => {
    if (noise === 'measured' && worstAllowed < 0.01)
      problems.push(
        `sideMetrics.${index}.worstAllowed: ${worstAllowed} can never be proved of a metric that varies; allow at least 0.01, or set noise to "exact"`,
      );
    if (sideMetrics.findIndex((other) => other.name === name) < index)
      problems.push(`sideMetrics.${index}.name: "${name}" is there twice; give each its own`);
  });
  return problems;
}

/** The results branch of a loop, without refs/heads/. */
export function branchOf({ branch }: Pick<LoopConfig, 'branch'>, loopId: string): string {
  return branch.replaceAll('<loopId>', loopId);
}

/** Whether git takes it as the rest of a ref name (the rules of git-check-ref-format), and it does not look like an option. */
export function isRefName(text: string): boolean {
  const parts = text.split('/');
  return (
    !/[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|^-/.test(text) &&
    text !== '@' &&
    !text.endsWith('.') &&
    text.length <= 200 &&
    parts.every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'))
  );
}

function hasOneGroup(text: string): boolean {
  try {
    return new RegExp(`${text}|`, 'm').exec('')?.length === 2;
  } catch {
    return false;
  }
}
