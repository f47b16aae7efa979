import type { Cache } from '../../adapters/cache.ts';
import type { Clone } from '../../adapters/git/command.ts';
import { listFiles, readFiles, type TreeFile } from '../../adapters/git/trees.ts';
import { packageScripts, type ProtectionFacts } from '../../domain/protection/protected-files.ts';
import { namedFiles, type NamedFiles } from '../../domain/protection/readers/named-files.ts';

const maxPackages = 500;
/** Bytes of one file; a longer text is data itself. */
const maxText = 256 * 1024;
/** Bytes of all texts together; the files after them are not read. */
const maxTexts = 32 * 2 ** 20;

type BaseFacts = Required<Pick<ProtectionFacts, 'scripts' | 'packages' | 'named'>>;

/** Reads the scripts of all package.json files of a base, which `npm test` may run, and the names in its files. */
export function readProtectionFacts(cache: Cache, clone: Clone, baseSha: string): Promise<BaseFacts> {
  return cache(`protection ${clone.directory} ${baseSha}`, async () => {
    const files = await listFiles(clone, baseSha);
    const manifests = files.filter(isManifest).slice(0, maxPackages);
    const texts = await readFiles(clone, manifests);
    const entries = manifests.map(
      ({ path, sha }) =>
        [path.replace(/\/?package\.json$/, ''), packageScripts(texts.get(sha)!.toString('utf8'))] as const,
    );
    const packages = Object.fromEntries(entries.filter(([directory]) => directory !== ''));
    return { scripts: Object.fromEntries(entries)[''] ?? {}, packages, named: await namesIn(clone, files) };
  });
}

function isManifest({ path, mode }: TreeFile): boolean {
  return mode.startsWith('100') && /^(?!(.*\/)?node_modules\/)(.*\/)?package\.json$/.test(path);
}

async function namesIn(clone: Clone, files: readonly TreeFile[]): Promise<NamedFiles> {
  let total = 0;
  const small = files.filter(
    ({ mode, size }) => mode.startsWith('100') && size <= maxText && (total += size) <= maxTexts,
  );
  const blobs = await readFiles(clone, small);
  const isText = ({ sha }: TreeFile) => !blobs.get(sha)!.subarray(0, 4_096).includes(0);
  return namedFiles(
    small.filter(isText).map(({ path, sha }) => ({ path, text: blobs.get(sha)!.toString('utf8') })),
    files.map(({ path }) => path),
  );
}
