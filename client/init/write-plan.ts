import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { InitPlan } from '../../domain/init/plan.ts';
import { quoteWords } from '../../domain/text.ts';
import { CommandError } from '../terminal/command-error.ts';
import type { Place } from './read-repository.ts';

/** Writes loop.json; never over one that is there. */
export async function writeLoopFile(directory: string, config: InitPlan['config'], isNew: boolean): Promise<void> {
  const file = join(directory, 'loop.json');
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`, { flag: isNew ? 'wx' : 'w' }).catch(
    (error: unknown) => {
      throw new CommandError(`loop.json: cannot be written in ${directory} (${(error as NodeJS.ErrnoException).code})`);
    },
  );
}

/** Writes the files of a plan and commits these alone, as the person: the loop sees committed work only. */
export async function commitFiles({ directory }: Place, files: InitPlan['files']): Promise<void> {
  if (files.length === 0) return;
  for (const { path, text } of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text, { flag: 'wx' }).catch(() => {
      throw new CommandError(`${path}: is there already and not committed; commit it, or remove it`);
    });
  }
  const paths = files.map(({ path }) => path);
  try {
    await execa('git', ['add', '--', ...paths], { cwd: directory });
    const message = 'Add a benchmark for the loop';
    await execa('git', ['commit', '--quiet', '--no-verify', '--only', '-m', message, '--', ...paths], {
      cwd: directory,
    });
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    const [, fact = 'git commit failed'] = /^(?:fatal|error): (.*)$/m.exec(stderr) ?? [];
    throw new CommandError(
      `init: ${paths.join(', ')} cannot be committed (${fact}); commit it by hand, then type "npx karpathy-loop doctor ${quoteWords([directory])}"`,
    );
  }
}
