/**
 * The replay check on real packages: coverage, planted wrong edits that pass the package's own tests, and real optimisations.
 * Usage: npx tsx bench/replay/index.ts <directory of checkouts> [coverage|planted|upstream] [package…]; README.md has more.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { matchesGlob } from '../../adapters/glob.ts';
import { onRepository, type Checked, type Edit, type OnRepository } from './on-repository.ts';
import { packages, upstream, wrongEdits } from './packages.ts';

const [root = '', what = 'coverage', ...names] = process.argv.slice(2);
const isWanted = (name: string) => (names.length === 0 || names.includes(name)) && existsSync(join(root, name));

if (what === 'coverage') for (const name of Object.keys(packages).filter(isWanted)) await tell(name, () => cover(name));
if (what === 'planted') await plant();
if (what === 'upstream')
  for (const [name, commit] of upstream)
    if (isWanted(name)) await tell(`${name} ${commit}`, () => compare(name, commit));
process.exit(0);

async function tell(name: string, work: () => Promise<string>): Promise<void> {
  console.log(`${name}: ${await work().catch((error: unknown) => `NOT MEASURED: ${String(error).slice(0, 300)}`)}`);
}

function open(name: string, path = resolve(root, name)): Promise<OnRepository> {
  const modules = resolve(root, name, 'node_modules');
  const setup = {
    setup: `cp -r ${modules} node_modules`,
    provided: ['node_modules'],
    sandbox: { readOnly: ['modules'] },
  };
  return onRepository(path, { ...packages[name], ...setup }, { modules });
}

/** Takes every function of the package as edited. */
async function cover(name: string): Promise<string> {
  const edits = sourcesOf(name, resolve(root, name)).map((file) => {
    const text = readFileSync(join(root, name, file), 'utf8');
    return { file, search: text, replace: `${text}\nvoid 0;\n` };
  });
  const checked = await (await open(name)).check(edits, false);
  const { covered, edited } = checked.replay.coverage;
  return `${Math.round((100 * covered) / edited)} %; ${describe(checked)}`;
}

async function plant(): Promise<void> {
  const opened = new Map<string, OnRepository>();
  const counts = { missed: 0, found: 0, byTests: 0 };
  for (const { in: name, what: error, ...edit } of wrongEdits.filter((one) => isWanted(one.in)))
    await tell(`${name}: ${error}`, async () => {
      const on = opened.get(name) ?? (await open(name));
      opened.set(name, on);
      const checked = await on.check([edit]);
      const outcome =
        checked.tests?.kind === 'failed' ? 'byTests' : checked.replay.kind === 'differs' ? 'found' : 'missed';
      counts[outcome]++;
      return `${outcome}; ${describe(checked)}`;
    });
  console.log(JSON.stringify(counts));
}

/** Takes a commit's sources as a candidate on its parent. */
async function compare(name: string, commit: string): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), 'replay-upstream-'));
  const git = async (...args: string[]) =>
    (await execa('git', args, { cwd: scratch, stripFinalNewline: false })).stdout;
  try {
    await git('clone', '--quiet', resolve(root, name), '.');
    await git('checkout', '--quiet', `${commit}~`);
    for (const file of readdirSync(join(root, name)).filter((one) => one.startsWith('loop-')))
      cpSync(join(root, name, file), join(scratch, file));
    const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost'];
    await git('add', '--force', '--all', '.');
    await git(...author, 'commit', '--quiet', '--no-verify', '--message', 'Bench');
    const edits: Edit[] = [];
    for (const file of sourcesOf(name, scratch)) {
      const now = await git('show', `${commit}:${file}`).catch(() => null);
      const before = readFileSync(join(scratch, file), 'utf8');
      if (now !== null && now !== before) edits.push({ file, search: before, replace: now });
    }
    const checked = await (await open(name, scratch)).check(edits);
    return `${checked.tests!.kind} its tests; ${checked.replay.kind === 'differs' ? 'REFUSED' : 'passes'}; ${describe(checked)}`;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function sourcesOf(name: string, path: string): string[] {
  const { editable } = packages[name]!;
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter(
    (file) => !/^(node_modules|\.git)\//.test(file),
  );
  return files.filter((file) => /\.[cm]?js$/.test(file) && editable.some((glob) => matchesGlob(file, glob)));
}

function describe({ replay, seconds }: Checked): string {
  const { covered, edited, calls, leftOut } = replay.coverage;
  const detail = replay.kind === 'differs' ? `; ${replay.detail.split('\n').join(' | ')}` : '';
  const others = leftOut.length > 0 ? `; left out: ${leftOut.map((one) => `${one.name} (${one.why})`).join(', ')}` : '';
  return `${covered} of ${edited} functions, ${calls} calls, ${seconds.toFixed(1)} s${detail}${others}`;
}
