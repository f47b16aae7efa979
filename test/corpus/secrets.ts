import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Secrets that no run may learn, by their place, and a search for them in a text. */
export interface Secrets {
  values: Record<'home' | 'environment' | 'data' | 'guard' | 'repository', string>;
  /** Names of the secrets that the text holds, as they are, in hexadecimal or in base64. */
  in(text: string | Buffer): string[];
}

export function makeSecrets(): Secrets {
  const make = (where: string) => `secret-${where}-${randomBytes(12).toString('hex')}`;
  const values = {
    home: make('home'),
    environment: make('environment'),
    data: make('data'),
    guard: make('guard'),
    repository: make('repository'),
  };
  const find = (text: string | Buffer) => {
    const searched = typeof text === 'string' ? Buffer.from(text) : text;
    return Object.entries(values)
      .filter(([, value]) => formsOf(value).some((form) => searched.includes(form)))
      .map(([name]) => name);
  };
  return { values, in: find };
}

/** Readable by everyone, so that nothing but the sandbox is in the way. */
export function plant(directory: string, files: Record<string, string>): void {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o755);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content, { mode: 0o644 });
}

/** The contents of all regular files below a directory, but for those left out. */
export function* contents(
  directory: string,
  isLeftOut: (path: string) => boolean = () => false,
): Generator<[path: string, content: Buffer]> {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !isLeftOut(path)) yield [path, readFileSync(path)];
  }
}

/** The random part alone, which is enough to tell, in the forms in which it is easily smuggled. */
function formsOf(value: string): string[] {
  const part = value.slice(value.lastIndexOf('-') + 1);
  return [part, Buffer.from(part).toString('hex'), Buffer.from(value).toString('base64').slice(0, 32)];
}
