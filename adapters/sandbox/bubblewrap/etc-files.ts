import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Uid and gid that a command sees as its own. */
export const insideId = 1000;

/** Home of that user: empty, and read-only. What one command writes there would steer the next: `.npmrc`, `.gitconfig`, Python's user site. */
export const insideHome = '/home/sandbox';

const etc: Record<string, string> = {
  passwd: `root:x:0:0:root:/:/bin/sh\nsandbox:x:${insideId}:${insideId}:sandbox:${insideHome}:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n`,
  group: `root:x:0:\nsandbox:x:${insideId}:\nnogroup:x:65534:\n`,
  // Without it `localhost` is asked of a name server that is not there.
  hosts: '127.0.0.1 localhost sandbox\n::1 localhost\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
  'nsswitch-network.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

/** --cpu-prof is not allowed in NODE_OPTIONS, hence a `node` before the real one on PATH. */
const nodeShim = `#!/bin/sh
IFS=:
for directory in $PATH; do
  [ "$directory" = "\${0%/*}" ] && continue
  [ -x "$directory/node" ] && exec "$directory/node" --cpu-prof "--cpu-prof-dir=\${KARPATHY_LOOP_PROFILE:-/profile}" "$@"
done
echo "node: not found" >&2
exit 127
`;

/** Shown as they are; they run inside. */
const exitGuardFiles = ['exit-guard.cjs', 'exit-guard-slots.cjs', 'exit-guard-clocks.cjs', 'sitecustomize.py'].map(
  (name) => new URL(`../exit-guard/${name}`, import.meta.url),
);

/** What the sandbox shows in place of the host's own files: etc/, node-shim/ and exit-guard/. */
export async function writeGenerated(directory: string): Promise<void> {
  await makeReadable(join(directory, 'etc'));
  await makeReadable(join(directory, 'node-shim'));
  await makeReadable(join(directory, 'exit-guard'));
  for (const [name, content] of Object.entries(etc)) await write(join(directory, 'etc', name), content, 0o644);
  await write(join(directory, 'node-shim', 'node'), nodeShim, 0o755);
  for (const file of exitGuardFiles)
    await write(join(directory, 'exit-guard', basename(file.pathname)), await readFile(file, 'utf8'), 0o644);
}

/** Readable by the sandbox's user whatever the umask. */
async function makeReadable(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o755);
}

async function write(file: string, content: string, mode: number): Promise<void> {
  await writeFile(file, content);
  await chmod(file, mode);
}
