import { createHash, randomInt } from 'node:crypto';
import { mkdir, open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/activity';
import { policyOf } from '../domain/plan.ts';
import type { MeasuredPair, RecordedVerdict } from '../domain/record.ts';
import type { IterationRef } from '../domain/steps.ts';
import { toVerdict } from '../domain/verdict.ts';
import { checkSha, iterationDirectory, type OpenLoop } from './resources.ts';

/** What a journal is about; its first line. */
export interface JournalHead {
  champion: string;
  candidate: string;
  /** Seed of the coin; drawn at the start of the decision, so that no program can have known it. */
  seed: number;
}

/** The finished pairs of one decision, each on disk before the next begins. */
export interface Journal {
  head: JournalHead;
  pairs: readonly MeasuredPair[];
  /** Writes a finished pair and waits until it is on disk. Fails if a later attempt has opened the journal. */
  append(pair: MeasuredPair): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the append-only journal of a decision for one attempt; an older attempt's later write fails.
 * A torn last line (a kill in the middle of a write) is dropped; a finished pair never is. To be opened and written under the machine-wide lock.
 * @param attempt grows from attempt to attempt, also over a reset of the workflow: the time at which the server scheduled it, in ms
 */
export async function openJournal(directory: string, sides: Omit<JournalHead, 'seed'>, attempt: number): Promise<Journal> {
  await mkdir(directory, { recursive: true });
  const claim = await open(join(directory, `attempt-${attempt}`), 'w');
  await claim.close();
  const file = await open(join(directory, 'pairs.jsonl'), 'a+');
  try {
    return await readAndContinue(directory, file, sides, attempt);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readAndContinue(directory: string, file: FileHandle, sides: Omit<JournalHead, 'seed'>, attempt: number): Promise<Journal> {
  const { lines, bytes } = readLines(await readFile(join(directory, 'pairs.jsonl'), 'utf8'));
  await file.truncate(bytes);
  const write = async (value: unknown) => {
    if ((await newestAttempt(directory)) > attempt) throw ApplicationFailure.nonRetryable('the decision was taken over by a later attempt', 'Superseded');
    await file.appendFile(toLine(value));
    await file.datasync();
  };
  if (lines.length === 0) {
    lines.push({ ...sides, seed: randomInt(2 ** 32) });
    await write(lines[0]);
  }
  const [head, ...rest] = lines as [JournalHead, ...MeasuredPair[]];
  if (head.champion !== sides.champion || head.candidate !== sides.candidate)
    throw ApplicationFailure.nonRetryable('the journal belongs to another decision', 'WrongJournal');
  const pairs = rest;
  return {
    head,
    pairs,
    async append(pair) {
      await write(pair);
      pairs.push(pair);
    },
    close: () => file.close(),
  };
}

/** Reads a decision's journal without opening it for writing; null where there is none. */
export async function readJournal(directory: string): Promise<{ head: JournalHead; pairs: MeasuredPair[] } | null> {
  const text = await readFile(join(directory, 'pairs.jsonl'), 'utf8').catch(() => '');
  const [head, ...pairs] = readLines(text).lines as [JournalHead?, ...MeasuredPair[]];
  return head ? { head, pairs } : null;
}

/** The verdict that the journal of an iteration's decision on a tree holds; null where nothing was measured. */
export async function measuredVerdict(loop: OpenLoop, input: IterationRef & { tree: string }): Promise<RecordedVerdict | null> {
  const journal = await readJournal(await decisionDirectory(loop, input));
  if (!journal || journal.head.champion !== input.champion || journal.head.candidate !== input.tree) return null;
  return toVerdict(journal.pairs, policyOf(loop.plan));
}

/** Where the journal of an iteration's decision on a tree lies. */
export async function decisionDirectory(loop: OpenLoop, input: IterationRef & { tree: string }): Promise<string> {
  checkSha('tree', input.tree);
  return join(await iterationDirectory(loop, input), 'decisions', input.tree);
}

function toLine(value: unknown): string {
  const json = JSON.stringify(value);
  return `${checksum(json)} ${json}\n`;
}

function readLines(text: string): { lines: unknown[]; bytes: number } {
  const lines: unknown[] = [];
  let bytes = 0;
  for (const line of text.split(/(?<=\n)/)) {
    const [sum, json] = [line.slice(0, 16), line.slice(17, -1)];
    if (!line.endsWith('\n') || checksum(json) !== sum) break;
    lines.push(JSON.parse(json));
    bytes += Buffer.byteLength(line);
  }
  return { lines, bytes };
}

async function newestAttempt(directory: string): Promise<number> {
  const names = await readdir(directory);
  return Math.max(0, ...names.map((name) => Number(/^attempt-(\d+)$/.exec(name)?.[1] ?? 0)));
}

function checksum(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, 16);
}
