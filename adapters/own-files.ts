import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Top of the product's files: the checkout, or dist/ of the package, where this code lies one folder deep too. */
const root = fileURLToPath(new URL('..', import.meta.url));
/** The package has compiled JavaScript, and no loader. */
export const isPackage = !import.meta.url.endsWith('.ts');

/** @param path as in the checkout */
export function ownFile(path: string): string {
  return join(root, path);
}

export interface OwnProgram {
  file: string;
  /** Node.js' own arguments before the file. */
  execArgv: string[];
  /** Makes the loader take the product's settings, whatever lies in the directory it is called from. */
  env: Record<string, string>;
}

/** Tells how to run a program of the product in a process of its own. @param path as in the checkout */
export function ownProgram(path: string): OwnProgram {
  if (isPackage) return { file: ownFile(path.replace(/\.(ts|mjs)$/, '.js')), execArgv: [], env: {} };
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return { file: ownFile(path), execArgv: ['--import', loader], env: { TSX_TSCONFIG_PATH: ownFile('tsconfig.json') } };
}

/** Tells how to run a program of another checkout of the product, which has its packages. */
export function programIn(directory: string, path: string): OwnProgram {
  const loader = pathToFileURL(createRequire(join(directory, 'package.json')).resolve('tsx')).href;
  const env = { TSX_TSCONFIG_PATH: join(directory, 'tsconfig.json') };
  return { file: join(directory, path), execArgv: ['--import', loader], env };
}
