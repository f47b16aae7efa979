import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { begin, call, type Called, type CallOptions } from '../command-line.ts';
import { createDataDirectory } from '../server/worker-process.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const rooms = [
  'domain',
  'store',
  'adapters',
  'ledger',
  'workflows',
  'activities',
  'worker',
  'client',
  'scripts',
  'docs',
  // Shadow runs, and the sources that they are about.
  'bench/self',
  'test/domain',
  'test/drill',
];

/** What stands in for types, tests and suite, so that an adoption takes seconds; all else is this product's own code. */
const standIns: Record<string, string> = {
  'vitest.config.ts': `import { defineConfig } from 'vitest/config';
const project = (name, file) => ({ test: { name, include: [\`test/\${name}/\${file}.test.ts\`] } });
const projects = [project('domain', 'text'), project('ledger', 'chain'), project('workflows', 'replay')];
export default defineConfig({ test: { projects } });
`,
  'test/domain/text.test.ts': `import { expect, it } from 'vitest';
import { short } from '../../domain/proposal/adopted.ts';
it('keeps what it is asked to', () => expect(short('abc', 2)).toBe('ab'));
`,
  'test/ledger/chain.test.ts': `import { it } from 'vitest';
it('is', () => {});
`,
  'test/workflows/replay.test.ts': `import { it } from 'vitest';
it('replays', () => {});
`,
  'scripts/test.mjs': `import { existsSync } from 'node:fs';
process.exitCode = existsSync('domain/proposal/fails-outside.ts') ? 1 : 0;
`,
  // Edited by candidates.
  'domain/proposal/adopted.ts': `export const rounds = 300;
export const short = (text: string, length: number): string => text.slice(0, length);
`,
};

/** A copy of this product that has a repository, packages and a data directory of its own. */
export interface Product {
  path: string;
  data: string;
  /** Commits these files upon HEAD, and returns the commit; HEAD stays. */
  candidate(files: Record<string, string | null>): Promise<string>;
  git(...args: string[]): Promise<string>;
  call(args: readonly string[], options?: CallOptions): Promise<Called>;
  begin(args: readonly string[], options?: CallOptions): ReturnType<typeof begin>;
  remove(): Promise<void>;
}

/** Lets shadow runs be about some parts, which takes less time. */
export function withShadowsOf(...parts: string[]): (path: string, text: string) => string {
  return (path, text) =>
    path === 'activities/adoption/shadow.ts'
      ? text.replace(/^const parts = .*$/m, `const parts = ${JSON.stringify(parts)};`)
      : text;
}

/**
 * @param alter changes the text of a file of the product, by its path
 * @param more files beside those
 */
export async function createProduct(
  alter?: (path: string, text: string) => string,
  more: Record<string, string> = {},
): Promise<Product> {
  const place = createDataDirectory();
  const [path, data] = [join(place.path, 'product'), join(place.path, 'data')];
  mkdirSync(path);
  for (const room of rooms) cpSync(join(root, room), join(path, room), { recursive: true });
  for (const file of ['package.json', 'package-lock.json', '.gitignore']) cpSync(join(root, file), join(path, file));
  const config = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as object;
  write(path, {
    ...standIns,
    ...more,
    'tsconfig.json': JSON.stringify({ ...config, include: ['domain/proposal/adopted.ts'] }),
  });
  if (alter)
    for (const file of readdirSync(join(path, 'activities'), { recursive: true, encoding: 'utf8' }))
      if (file.endsWith('.ts')) {
        const name = join('activities', file);
        write(path, { [name]: alter(name, readFileSync(join(path, name), 'utf8')) });
      }
  await execa('cp', ['-al', join(root, 'node_modules'), join(path, 'node_modules')]);
  const git = async (...args: string[]) =>
    (
      await execa('git', ['-c', 'user.name=Someone', '-c', 'user.email=someone@localhost', ...args], { cwd: path })
    ).stdout.trim();
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '-A');
  await git('commit', '--quiet', '-m', 'base');
  const bin = join(path, 'client/karpathy-loop.mjs');
  const product: Product = {
    ...{ path, data, git },
    async candidate(files) {
      write(path, files);
      await git('add', '-A');
      await git('commit', '--quiet', '-m', 'candidate');
      const commit = await git('rev-parse', 'HEAD');
      await git('reset', '--quiet', '--hard', 'HEAD~1');
      return commit;
    },
    call: (args, options = {}) => call(args, { cwd: path, bin, ...options }),
    begin: (args, options = {}) => begin(args, { cwd: path, bin, ...options }),
    async remove() {
      await product.call(['down', '--data', data]);
      place.remove();
    },
  };
  return product;
}

function write(path: string, files: Record<string, string | null>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    if (content === null) rmSync(file);
    else writeFileSync(file, content);
  }
}
