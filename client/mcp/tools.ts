import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { matchesGlob } from '../../adapters/glob.ts';
import { isUrl } from '../../domain/config/repository.ts';
import { renderIteration } from '../../domain/ledger/iteration-text.ts';
import { line, toBlock, type CleanText } from '../../domain/text.ts';
import { dataDirectory } from '../../store/data-directory.ts';
import { dataPaths } from '../../store/layout.ts';
import { withReached } from '../backend/reach.ts';
import { examineLoop } from '../commands/doctor.ts';
import { initPackage } from '../commands/init.ts';
import { findIteration } from '../commands/review/show.ts';
import { readStatus, statusText } from '../commands/status.ts';
import { stopLoop } from '../commands/stop.ts';
import type { AllowFlags, ServerFlags } from '../flags.ts';
import { readLedgerOf } from '../loops/ledgers.ts';
import { readLoop, repositoryArgument, toplevelOf } from '../loops/loop-file.ts';
import { findLoop } from '../loops/loops.ts';
import { request } from '../loops/request.ts';
import { openRunBackend, resume } from '../loops/run-loop.ts';
import { settingsFor } from '../loops/run-settings.ts';
import { checkId, startOrContinue } from '../loops/start-loop.ts';
import { whichLedger } from '../loops/which-ledger.ts';
import { CommandError } from '../terminal/command-error.ts';
import type { Progress } from '../terminal/progress.ts';

/** The command line of the server: what the person who wrote it allows. */
export interface McpFlags extends ServerFlags, AllowFlags {
  repository: string[];
}

interface Tool<Input = never> {
  name: string;
  title: string;
  description: string;
  input: z.ZodRawShape;
  /** It changes nothing. */
  isReading: boolean;
  call: (input: Input, flags: McpFlags, progress: Progress) => Promise<CleanText>;
}

const path = z
  .string()
  .min(1)
  .default('.')
  .describe('A directory with a loop.json, or such a file; default: the working directory.');
const loopId = z.string().min(1).max(200).optional();
const loop = loopId.describe('Id of the loop; default: the only open one.');
const iteration = z.int().min(1).max(1_000_000);
const ofLedger = {
  loop: loopId.describe('Id of the loop; default: the newest of the repository.'),
  repository: z
    .string()
    .min(1)
    .optional()
    .describe('Path or URL of the repository; default: the one around the working directory.'),
};

/** All tools, in the order in which they are of use. */
export const tools: Tool[] = [
  tool({
    name: 'init',
    title: 'Set up a loop',
    description:
      'Finds out tests and benchmark of a package, writes its loop.json (and commits a benchmark where there is none), and tries both. Takes minutes.',
    input: { path: z.string().min(1).default('.').describe('Directory of the package.') },
    isReading: false,
    async call(input, flags, progress) {
      // A link in an allowed repository may lead to another one.
      const directory = existsSync(input.path) ? realpathSync(input.path) : resolve(input.path);
      refuseUnlessAllowed(toplevelOf(directory) ?? directory, flags);
      await initPackage(directory, { ...flags, runs: 10, yes: true, isBounded: true }, progress);
      return toBlock('ready');
    },
  }),
  tool({
    name: 'doctor',
    title: 'Check a loop',
    description:
      'Checks machine, tests and benchmark of a loop, and says which gain it can prove and how long that takes. Takes minutes.',
    input: { path, runs: z.int().min(10).max(1_000).default(20).describe('Runs of the benchmark.') },
    isReading: true,
    async call(input, flags, progress) {
      refuseUnlessAllowed(readLoop(input.path, {}).config.repository, flags);
      await examineLoop(input.path, { ...flags, runs: input.runs }, progress);
      return toBlock('no failure');
    },
  }),
  tool({
    name: 'start',
    title: 'Start a loop',
    description:
      'Starts a loop, or goes on with it, and returns its id. The loop runs for hours, without this session.',
    input: {
      path,
      id: loopId.describe('Id of the loop; default: from repository and config.'),
      iterations: z.int().min(1).max(10_000).optional().describe('Iterations, in place of those of loop.json.'),
    },
    isReading: false,
    async call({ path: from, id, iterations }, flags, progress) {
      checkId(id);
      const read = readLoop(from, { ...(iterations !== undefined && { iterations }) });
      refuseUnlessAllowed(read.config.repository, flags);
      const { backend, close } = await openRunBackend(read, flags, progress.line);
      try {
        const opened = await startOrContinue(backend.client, backend.queue, read, id);
        if (opened.continued) await resume(backend.client.workflow.getHandle(opened.loopId));
        return line`${opened.continued ? 'goes on' : 'started'}: ${opened.loopId}`;
      } finally {
        await close();
      }
    },
  }),
  tool({
    name: 'status',
    title: 'Where a loop is',
    description:
      'Says where a loop is: iteration, step, counts, champion, the last outcome, and at its end the whole gain.',
    input: { loop },
    isReading: true,
    call: (input, flags, progress) =>
      withReached(flags, progress.line, async ({ client }) => {
        const found = await findLoop(client, input.loop);
        const isRunning = found.description.status.name === 'RUNNING';
        return statusText(client, await readStatus(found), isRunning);
      }),
  }),
  tool({
    name: 'why',
    title: 'Why an iteration was refused',
    description: 'Says in plain words why an iteration was not committed, with its figures and costs.',
    input: { iteration: iteration.optional().describe('Default: the newest that was not committed.'), ...ofLedger },
    isReading: true,
    async call(input, flags) {
      const place = ledgerFlags(input, flags);
      const number = input.iteration ?? (await newestRefused(place));
      return renderIteration(await findIteration(number, place), []);
    },
  }),
  tool({
    name: 'show',
    title: 'All of an iteration',
    description:
      'Shows an iteration: outcome, figures, costs and diff, and where asked for its samples, prompt and answer.',
    input: {
      iteration,
      ...ofLedger,
      parts: z
        .array(z.enum(['diff', 'pairs', 'asked']))
        .default(['diff'])
        .describe('The long parts to show.'),
    },
    isReading: true,
    call: async (input, flags) =>
      renderIteration(await findIteration(input.iteration, ledgerFlags(input, flags)), input.parts),
  }),
  tool({
    name: 'hint',
    title: 'Give a hint',
    description: 'Tells whoever proposes changes something, from the next iteration on, in place of the hint before.',
    input: { loop, text: z.string().max(500).describe('One line; an empty one takes a hint back.') },
    isReading: false,
    call: (input, flags, progress) =>
      withReached(flags, progress.line, async ({ client }) =>
        request(await findLoop(client, input.loop), 'hint', { text: input.text }),
      ),
  }),
  tool({
    name: 'stop',
    title: 'Stop a loop',
    description: 'Ends a loop after the iteration under way, or at once. Its commits stay.',
    input: { loop, now: z.boolean().default(false).describe('Cancel the iteration under way; it is rolled back.') },
    isReading: false,
    call: (input, flags, progress) => stopLoop(input.loop, { ...flags, ...(input.now && { now: true }) }, progress),
  }),
];

/** Gives the handler the type of what its schema lets in, which the protocol's library has checked. */
function tool<Shape extends z.ZodRawShape>(
  one: Omit<Tool<z.output<z.ZodObject<Shape>>>, 'input'> & { input: Shape },
): Tool {
  return one;
}

type LedgerInput = { loop?: string | undefined; repository?: string | undefined };

function ledgerFlags(input: LedgerInput, allowed: McpFlags) {
  const { loop: id, repository } = input;
  const { repository: _allowed, ...flags } = allowed;
  // To fetch is to tell the host that is named, by this person's name.
  if (repository !== undefined && isUrl(repository)) refuseUnlessAllowed(repositoryArgument(repository), allowed);
  return { ...flags, ...(id !== undefined && { loop: id }), ...(repository !== undefined && { repository }) };
}

async function newestRefused(place: ReturnType<typeof ledgerFlags>): Promise<number> {
  const { repository, loopId: id } = await whichLedger(place.loop, place);
  const refused = (await readLedgerOf(repository, id))?.records.filter(({ reason }) => reason !== null).at(-1);
  if (refused) return refused.iteration;
  throw new CommandError(`iteration: none of loop "${id}" was refused so far; give the number of one`);
}

/** Runs no command of a repository that nobody has allowed, and reaches for no address. @throws CommandError */
function refuseUnlessAllowed(repository: string, flags: McpFlags): void {
  const data = dataDirectory(flags.data);
  const real = (place: string) => (!isUrl(place) && existsSync(place) ? realpathSync(place) : place);
  const wanted = real(repository);
  const named = flags.repository.map((given) => real(repositoryArgument(given)));
  const { repositories } = settingsFor(data, null, flags);
  if (named.includes(wanted) || repositories.some((glob) => matchesGlob(wanted, glob))) return;
  const place = `"repositories" in ${dataPaths(data).settings}`;
  throw new CommandError(
    `repository: "${wanted}" is not allowed; its owner can add it to ${place}, or give it to "npx karpathy-loop mcp" with --repository`,
  );
}
