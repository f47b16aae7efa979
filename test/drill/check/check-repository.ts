import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import type { Evidence, IterationRecord } from '../../../domain/ledger/record.ts';
import { withoutLoopRefs, type RepositorySnapshot } from '../../support/repository/repository.ts';
import type { DrillLoop } from '../lane/target.ts';

export interface RepositoryFinding {
  violations: string[];
  records: number;
  commits: number;
}

/** Looks at the repository of a loop that has ended, by git alone. */
export async function checkRepository(
  loop: DrillLoop,
  result: { iteration: number; champion: string | null } | null,
): Promise<RepositoryFinding> {
  const { loopId, repository, before, base } = loop;
  const git = (...args: string[]) => repository.git(...args);
  const branch = `karpathy-loop/${loopId}`;
  const violations: string[] = [];
  const expect = (holds: boolean, fact: string) => void (holds || violations.push(`${loopId}: ${fact}`));
  const ledger = `refs/karpathy-loop/${loopId}/ledger`;
  if (!(await has(git, ledger))) return { violations: [`${loopId}: has no ledger`], records: 0, commits: 0 };

  const records = await readRecords(git, ledger);
  const numbers = records.map(({ iteration }) => iteration);
  expect(
    isDeepStrictEqual(
      numbers,
      Array.from({ length: numbers.length }, (_, index) => index + 1),
    ),
    `records are ${numbers.join(', ')}, not 1 to ${numbers.length}, once each`,
  );
  if (result)
    expect(numbers.length === result.iteration, `${numbers.length} records of ${result.iteration} iterations`);
  violations.push(...(await ledgerFaults(git, ledger)).map((fault) => `${loopId}: ${fault}`));

  const head = (await has(git, `refs/heads/${branch}`)) ? await git('rev-parse', `refs/heads/${branch}`) : base;
  const commits = (await git('rev-list', '--reverse', '--parents', `${base}..${head}`)).split('\n').filter(Boolean);
  const committed = records.filter(({ outcome }) => outcome === 'committed');
  expect(commits.length === committed.length, `${commits.length} commits and ${committed.length} records of commits`);
  let parent = base;
  for (const [index, line] of commits.entries()) {
    const [sha = '', ...parents] = line.split(' ');
    const record = committed[index];
    expect(isDeepStrictEqual(parents, [parent]), `${sha}: its parents are ${parents.join(' ')}, not ${parent}`);
    expect(record?.candidate?.commit === sha && record.champion === parent, `${sha}: has no record`);
    const trailers = await git('log', '-1', '--format=%(trailers:only,unfold)', sha);
    expect(
      trailers.includes(`Loop: ${loopId}`) && trailers.includes(`Iteration: ${record?.iteration}`),
      `${sha}: its trailers are ${trailers}`,
    );
    parent = sha;
  }
  if (result) expect(result.champion === head, `the loop's champion is ${result.champion}, the branch is at ${head}`);
  for (const { iteration } of committed)
    violations.push(...(await evidenceFaults(git, ledger, iteration)).map((fault) => `${loopId}: ${fault}`));

  expect(passesTests(repository.path, head), `the tests of the champion ${head} fail`);
  expect((await git('fsck', '--strict', '--no-dangling')) === '', 'git fsck complains');
  expect(lockFiles(repository.path).length === 0, `locks are left: ${lockFiles(repository.path).join(', ')}`);
  const after = await repository.snapshot();
  const own = (snapshot: RepositorySnapshot) =>
    loop.config.repository === repository.path ? snapshot : pushedTo(snapshot);
  expect(isDeepStrictEqual(own(withoutLoopRefs(after, branch)), own(before)), "something of the user's was touched");
  const refs = Object.keys(after.refs).filter((name) => !(name in before.refs));
  expect(
    refs.every((name) => name === ledger || name === `refs/heads/${branch}`),
    `refs are left: ${refs.join(', ')}`,
  );
  return { violations, records: records.length, commits: commits.length };
}

/** Git's own files about a push by URL belong to its server. */
function pushedTo({ gitDirectory, ...rest }: RepositorySnapshot): RepositorySnapshot {
  return {
    ...rest,
    gitDirectory: Object.fromEntries(
      Object.entries(gitDirectory).filter(([name]) => ['HEAD', 'config', 'index'].includes(name)),
    ),
  };
}

type Git = (...args: string[]) => Promise<string>;

async function has(git: Git, ref: string): Promise<boolean> {
  return (await git('for-each-ref', ref)) !== '';
}

async function readRecords(git: Git, ledger: string): Promise<IterationRecord[]> {
  const paths = (await git('ls-tree', '-r', '--name-only', ledger))
    .split('\n')
    .filter((path) => /^records\/\d+\/\d+\.json$/.test(path));
  const records = await Promise.all(
    paths.map(async (path) => JSON.parse(await git('show', `${ledger}:${path}`)) as IterationRecord),
  );
  return records.sort((a, b) => a.iteration - b.iteration);
}

/** The ledger is a line of commits, each of which adds the files of one record and touches no other. */
async function ledgerFaults(git: Git, ledger: string): Promise<string[]> {
  const commits = (await git('rev-list', '--reverse', '--parents', ledger)).split('\n').map((line) => line.split(' '));
  const faults = commits.flatMap(([sha, ...parents], index) =>
    parents.length === Math.min(index, 1) ? [] : [`ledger ${sha} has ${parents.length} parents`],
  );
  for (const [sha = ''] of commits.slice(1)) {
    const changes = (await git('diff-tree', '-r', '--no-commit-id', '--name-status', sha))
      .split('\n')
      .map((line) => line.split('\t'));
    const added = changes.flatMap(([status, path = '']) =>
      status === 'A' ? [/^records\/\d+\/(\d+)\./.exec(path)?.[1] ?? path] : [],
    );
    const other = changes.filter(
      ([status, path]) => status !== 'A' && path !== 'head-to-head.json' && path !== 'loop.json',
    );
    if (other.length > 0 || new Set(added).size > 1)
      faults.push(`ledger ${sha} changes ${changes.map((change) => change.join(' ')).join(', ')}`);
  }
  return faults;
}

async function evidenceFaults(git: Git, ledger: string, iteration: number): Promise<string[]> {
  const path = `records/${Math.floor(iteration / 100)}/${iteration}`;
  const record = JSON.parse(await git('show', `${ledger}:${path}.json`)) as IterationRecord;
  const evidence = await git('show', `${ledger}:${path}.evidence.json`).then(
    (text) => JSON.parse(text) as Evidence,
    () => null,
  );
  if (!evidence) return [`iteration ${iteration} is committed without evidence`];
  const isWhole =
    evidence.failure === null &&
    evidence.pairs.length > 0 &&
    evidence.pairs.length === record.verdict?.pairs &&
    record.verdict.verdict === 'accepted';
  return isWhole
    ? []
    : [`iteration ${iteration}: ${evidence.pairs.length} pairs, verdict ${JSON.stringify(record.verdict)}`];
}

function passesTests(repository: string, commit: string): boolean {
  const tree = mkdtempSync('/var/tmp/karpathy-loop-drill-tree-');
  try {
    execFileSync('sh', ['-c', 'git -C "$0" archive "$1" | tar -x -C "$2"', repository, commit, tree]);
    execFileSync(process.execPath, ['test.mjs'], { cwd: tree, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

function lockFiles(repository: string): string[] {
  return (readdirSync(join(repository, '.git'), { recursive: true }) as string[]).filter((name) =>
    name.endsWith('.lock'),
  );
}
