import { createHash, randomInt } from 'node:crypto';
import { mkdir, open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ApplicationFailure } from '@temporalio/activity';
import type { StartUp } from '../../domain/verdict/corroboration.ts';
import type { MeasuredPair } from '../../domain/verdict/pair.ts';
import type { BenchmarkInput } from '../../domain/steps.ts';
import type { HeldSandbox } from '../../adapters/machine-lock.ts';
import { decisionPaths, iterationPaths, loopPaths } from '../../store/layout.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { checkSha } from '../loop/refusal.ts';

/** First line of a journal. */
interface JournalHead {
  champion: string;
  candidate: string;
  /** Start-up of the benchmark command on this worker, so that the corroboration can be recomputed. */
  startUp?: StartUp;
  /** Set if an accepted candidate is measured without BENCH_SEED too. */
  checksUnseeded?: boolean;
  /** Seed of the coin; drawn at the start of the decision, so that no program can have known it. */
  seed: number;
}

/** Results of one decision so far. */
export interface JournalContent {
  head: JournalHead;
  pairs: readonly MeasuredPair[];
  /** The candidate's failure, which ended the decision; else null. */
  failure: string | null;
}

/** The finished pairs of one decision, each on disk before the next begins. */
export interface Journal extends JournalContent {
  /** Writes a finished pair and waits until it is on disk. Fails if a later attempt has opened the journal. */
  append: (held: HeldSandbox, pair: MeasuredPair) => Promise<void>;
  /** Writes down, likewise, that the candidate failed; nothing is to be appended after it. */
  fail: (held: HeldSandbox, problem: string) => Promise<void>;
  close: () => Promise<void>;
}

/** Type of the failure where a journal's finished lines cannot be read. */
export const damagedJournal = 'DamagedJournal';

interface JournalOptions {
  directory: string;
  /** Begins a new journal; an old one must have the same champion and candidate. */
  about: Omit<JournalHead, 'seed'>;
  /** Time at which the server scheduled the attempt, in ms: it grows also over a reset of the workflow. */
  attempt: number;
}

type Line = MeasuredPair | { failure: string };

/**
 * Opens a decision's append-only journal for one attempt; an older attempt can write no more.
 * Drops a torn last line; other damage is an error.
 */
export async function openJournal(_held: HeldSandbox, options: JournalOptions): Promise<Journal> {
  const { directory, attempt } = options;
  const made = await mkdir(directory, { recursive: true });
  const claim = await open(decisionPaths(directory).attempt(attempt), 'w');
  await claim.close();
  const file = await open(decisionPaths(directory).pairs, 'a+');
  try {
    // Data on disk is of no use while the names that lead to it are not there.
    await syncDirectories(directory, made ? dirname(made) : directory);
    return await readAndContinue(file, options);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readAndContinue(file: FileHandle, { directory, about, attempt }: JournalOptions): Promise<Journal> {
  const { lines, bytes } = await readLines(directory);
  await file.truncate(bytes);
  const write = async (value: unknown) => {
    if ((await newestAttempt(directory)) > attempt)
      throw ApplicationFailure.nonRetryable('the decision was taken over by a later attempt', 'Superseded');
    await file.appendFile(toLine(value));
    await file.datasync();
  };
  if (lines.length === 0) {
    lines.push({ ...about, seed: randomInt(2 ** 32) });
    await write(lines[0]);
  }
  const { head, pairs, failure } = contentOf(lines as [JournalHead, ...Line[]]);
  if (head.champion !== about.champion || head.candidate !== about.candidate)
    throw ApplicationFailure.nonRetryable('the journal belongs to another decision', 'WrongJournal');
  const journal = {
    head,
    pairs,
    failure,
    async append(_held: HeldSandbox, pair: MeasuredPair) {
      await write(pair);
      pairs.push(pair);
    },
    async fail(_held: HeldSandbox, problem: string) {
      await write({ failure: problem });
      journal.failure = problem;
    },
    close: () => file.close(),
  };
  return journal;
}

/**
 * Reads a decision's journal without opening it for writing; null where there is none.
 * @throws ApplicationFailure "DamagedJournal" where more than its end cannot be read
 */
export async function readJournal(directory: string): Promise<JournalContent | null> {
  const { lines } = await readLines(directory).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { lines: [] };
    throw error;
  });
  return lines.length > 0 ? contentOf(lines as [JournalHead, ...Line[]]) : null;
}

/** Names the directory of the decision on a tree; the journals of the side metrics lie in it. */
export function decisionDirectory(loop: OpenLoop, { iteration, tree }: BenchmarkInput): string {
  checkSha('tree', tree);
  return iterationPaths(loopPaths(loop.directory).iteration(iteration)).decision(tree);
}

function contentOf([head, ...lines]: [JournalHead, ...Line[]]) {
  const failed = lines.find((line) => 'failure' in line);
  const pairs: MeasuredPair[] = lines.flatMap((line) => ('failure' in line ? [] : [line]));
  return { head, pairs, failure: failed?.failure ?? null };
}

function toLine(value: unknown): string {
  const json = JSON.stringify(value);
  return `${checksum(json)} ${json}\n`;
}

/** Each line is on disk before the next is begun, so that a kill can tear the last one and no other. */
async function readLines(directory: string): Promise<{ lines: unknown[]; bytes: number }> {
  const lines: unknown[] = [];
  let bytes = 0;
  const written = (await readFile(decisionPaths(directory).pairs, 'utf8')).split(/(?<=\n)/);
  for (const [index, line] of written.entries()) {
    const [sum, json] = [line.slice(0, 16), line.slice(17, -1)];
    if (!line.endsWith('\n') || checksum(json) !== sum) {
      if (index === written.length - 1) break;
      const place = `line ${index + 1} of ${written.length} of ${decisionPaths(directory).pairs}`;
      const remedy = 'see that the disk is sound and that nothing else writes there';
      const message = `journal: ${place} was damaged after it was written; ${remedy}`;
      throw ApplicationFailure.nonRetryable(message, damagedJournal);
    }
    lines.push(JSON.parse(json));
    bytes += Buffer.byteLength(line);
  }
  return { lines, bytes };
}

/** From a directory up to one that it lies in. */
async function syncDirectories(from: string, to: string): Promise<void> {
  for (let directory = from; ; directory = dirname(directory)) {
    const handle = await open(directory, 'r');
    await handle.sync().finally(() => handle.close());
    if (directory === to) return;
  }
}

async function newestAttempt(directory: string): Promise<number> {
  const names = await readdir(directory);
  return Math.max(0, ...names.map((name) => Number(/^attempt-(\d+)$/.exec(name)?.[1] ?? 0)));
}

function checksum(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, 16);
}
