import type { LoopConfig } from '../config/loop-config.ts';
import { commandsOf } from '../config/plan.ts';
import { commandFiles } from './readers/command-files.ts';

/** Tells if a command names a directory, or `editable` leads into it. */
export function isNeeded(directory: string, config: LoopConfig): boolean {
  const isWithin = (one: string) => one === directory || one.startsWith(`${directory}/`);
  const globs = config.editable.map((glob) => glob.replace(/^!(?!\()/, ''));
  if (config.provided.some((path) => isWithin(directory) && (path === directory || directory.startsWith(`${path}/`))))
    return false;
  const name = new RegExp(`(^|[^\\w./-]|\\./)${directory.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w.-])`);
  return globs.some(isWithin) || commandsOf(config).some(([, command]) => name.test(command));
}

/** Files inside the repository that a command names by their path, as far as words show it. */
export function pathsInCommand(command: string): string[] {
  const { names, inputs } = commandFiles([command]);
  return [...new Set([...names, ...inputs])].filter((path) => /\.\w+$/.test(path) && !/[*?[{$]/.test(path));
}
