import { execa } from 'execa';

const timeoutMs = 10_000;

const tools: Record<string, [tool: string, option: string, name: string]> = {
  JavaScript: ['node', '--version', 'Node.js'],
  TypeScript: ['node', '--version', 'Node.js'],
  Python: ['python3', '--version', 'Python'],
  Go: ['go', 'version', 'Go'],
  Rust: ['rustc', '--version', 'Rust'],
};

/** Asks what runs a language for its version: "Node.js 22.1.0"; null where it is not known. */
export async function toolVersion(language: string): Promise<string | null> {
  const [tool, option, name] = tools[language] ?? [];
  if (tool === undefined) return null;
  const { stdout, exitCode } = await execa(tool, [option!], { reject: false, timeout: timeoutMs });
  const version = exitCode === 0 ? /\d+(?:\.\d+)+/.exec(stdout)?.[0] : undefined;
  return version === undefined ? null : `${name} ${version}`;
}
