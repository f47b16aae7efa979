import { chmod, copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seccompProgram } from '../seccomp/program.ts';

/** Uid and gid that a command sees as its own. */
export const insideId = 1000;

/** Home of that user: empty and read-only, since a file such as `.npmrc` would steer the next command. */
export const insideHome = '/home/sandbox';

const etc: Record<string, string> = {
  passwd: `root:x:0:0:root:/:/bin/sh
sandbox:x:${insideId}:${insideId}:sandbox:${insideHome}:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/false
`,
  group: `root:x:0:\nsandbox:x:${insideId}:\nnogroup:x:65534:\n`,
  // Without it `localhost` is asked of a name server that is not there.
  hosts: '127.0.0.1 localhost sandbox\n::1 localhost\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
  'nsswitch-network.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

/** Files of the directory of generated ones: the filter of system calls, and a directory that every run sees. */
export const generatedNames = { seccomp: 'seccomp.bpf', init: 'init' } as const;

/** Writes the files that runs get of the loop's own: init/ with etc/ and `sh`, and the filter. */
export async function writeGeneratedFiles(directory: string): Promise<void> {
  await copyShell(join(directory, generatedNames.init));
  await writeAll(join(directory, generatedNames.init, 'etc'), etc, 0o644);
  const program = seccompProgram(process.arch);
  if (program) await writeFile(join(directory, generatedNames.seccomp), program);
}

/** Copies the shell as a program that nobody may read: the kernel closes the memory of its processes to others. */
async function copyShell(directory: string): Promise<void> {
  await writeAll(directory, {}, 0o755);
  const part = join(directory, `sh-${process.pid}`);
  await copyFile('/bin/sh', part);
  await chmod(part, 0o111);
  // Another worker may be starting a run with it.
  await rename(part, join(directory, 'sh'));
}

/** Makes them readable by the user of runs, whatever the umask. */
export async function writeAll(directory: string, files: Record<string, string>, mode: number): Promise<void> {
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o755);
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(directory, name), content);
    await chmod(join(directory, name), mode);
  }
}
