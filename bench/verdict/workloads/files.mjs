/** Many small system calls: files written, read, listed and removed below the directory given, such as /dev/shm: in memory, as /tmp is in the sandbox. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { timeRepeats } from './repeats.mjs';

const directory = mkdtempSync(join(process.argv[2], 'karpathy-loop-verdict-'));
const content = 'x'.repeat(3000);
try {
  timeRepeats(() => {
    for (let file = 0; file < 120; file++) writeFileSync(join(directory, `${file}.txt`), content);
    for (const name of readdirSync(directory)) {
      const path = join(directory, name);
      if (readFileSync(path).length !== statSync(path).size)
        throw new Error(`${name}: size differs from what was read; is the disk full?`);
      rmSync(path);
    }
  });
} finally {
  rmSync(directory, { recursive: true, force: true });
}
