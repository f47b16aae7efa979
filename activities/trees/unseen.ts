import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { listFiles, treeOf, type TreeFile } from '../../adapters/git/trees.ts';
import type { StepContext } from '../loop/context.ts';
import { walk } from './built-tree.ts';
import { makeRunnable } from './runnable.ts';

/** A file of a tree, and its bytes as runs saw them. */
type Comparison = (file: TreeFile) => Promise<boolean>;

/**
 * Finds a path at which runs of a tree saw other bytes than its commit would hold. What no edit of the loop has changed
 * may differ as the base's does: by the base's build, or by encodings that its .gitattributes name.
 * @param among default: all paths of the tree
 * @returns the problem in one line, or null
 */
export async function unseenProblem(
  context: StepContext,
  treeish: string,
  among?: readonly string[],
): Promise<string | null> {
  const { clone, plan } = context.loop;
  const base = await treeOf(clone, plan.baseSha);
  const wanted = among && new Set(among);
  const isAsCommitted = await comparison(context, treeish);
  let inBase: { originals: Map<string, TreeFile>; isAsCommitted: Comparison } | null = null;
  for (const file of await listFiles(clone, treeish)) {
    const { path, mode, sha } = file;
    // A base with a submodule is refused.
    if (mode === '160000' || wanted?.has(path) === false || (await isAsCommitted(file))) continue;
    inBase ??= {
      originals: new Map((await listFiles(clone, base)).map((one) => [one.path, one])),
      isAsCommitted: await comparison(context, base),
    };
    const original = inBase.originals.get(path);
    if (original?.sha === sha && original.mode === mode && !(await inBase.isAsCommitted(original))) continue;
    const fact = `no run saw ${JSON.stringify(path)} as it would be committed`;
    return `${fact}: the build or .gitattributes changes it; edit another file, or let the base leave it as it is`;
  }
  return null;
}

/** Returns what tells if runs of a tree see a file as git has it. */
async function comparison(context: StepContext, treeish: string): Promise<Comparison> {
  const made = await makeRunnable(context, treeish);
  if (!made.ok) throw new Error(made.detail);
  const { tree } = made.runnable;
  // The walk follows no link: below a folder that became a link there is nothing.
  const kinds = await walk(tree);
  return async ({ path, mode, sha, size }) => {
    const place = join(tree, path);
    const algorithm = sha.length === 64 ? 'sha256' : 'sha1';
    const idOf = (content: Buffer) =>
      createHash(algorithm).update(headOf(content.length)).update(content).digest('hex');
    if (mode === '120000') return kinds.get(path) === 'link' && idOf(await readlink(place, 'buffer')) === sha;
    if (kinds.get(path) !== 'file') return false;
    const facts = await lstat(place);
    if ((facts.mode & 0o100) !== (Number.parseInt(mode, 8) & 0o100)) return false;
    if (facts.size !== size)
      return facts.size > size && size <= maxTextBytes && idOf(withoutReturns(await readFile(place))) === sha;
    const hash = createHash(algorithm).update(headOf(size));
    await pipeline(createReadStream(place), hash);
    return hash.digest('hex') === sha;
  };
}

/** Bytes of a file that may have other line ends; no edit makes a larger one. */
const maxTextBytes = 2 * 1024 * 1024;

function headOf(length: number): string {
  return `blob ${length}\0`;
}

/** Makes line ends as in git of those that a checkout writes where .gitattributes ask for Windows' own. */
function withoutReturns(content: Buffer): Buffer {
  return Buffer.from(content.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}
