import { readFile } from 'node:fs/promises';
import { maxRecorded, recordingDirectory, replayDirectory, valueLimits } from '../../domain/replay/contract.ts';
import { offeringModule } from '../../domain/replay/javascript-module.ts';
import { offeringPythonModule } from '../../domain/replay/python-module.ts';
import type { Language, ParsedSource } from '../../domain/source/function.ts';
import { ownFile } from '../own-files.ts';

/** How functions of a language are recorded and called. */
export interface ReplayLanguage {
  languages: readonly Language[];
  /** Rewrites a module, so that recorder and caller get its functions. */
  rewrite: (file: string, text: string, parsed: ParsedSource) => string;
  /** Files of recorder and caller, by name in `replayDirectory`. */
  files: () => Promise<Record<string, string>>;
  /** Runs the caller, at the top of the tree. */
  callCommand: string;
}

export const replayLanguages: readonly ReplayLanguage[] = [
  {
    languages: ['javascript', 'typescript', 'tsx'],
    rewrite: (file, text, { functions }) => offeringModule(file, text, functions),
    files: () => filesOf('node', ['canonical.cjs', 'record.cjs', 'call.mjs']),
    callCommand: `exec node ${replayDirectory}/call.mjs`,
  },
  {
    languages: ['python'],
    rewrite: (file, text, { functions }) => offeringPythonModule(file, text, functions),
    files: () => filesOf('python', ['karpathy_loop_canonical.py', 'karpathy_loop_record.py', 'call.py']),
    callCommand: `python=.venv/bin/python; [ -x $python ] || python=python3; exec $python ${replayDirectory}/call.py`,
  },
];

async function filesOf(directory: string, names: readonly string[]): Promise<Record<string, string>> {
  const read = async (name: string) =>
    [name, await readFile(ownFile(`adapters/replay/${directory}/${name}`), 'utf8')] as const;
  const limits = JSON.stringify({ ...valueLimits, recordingDirectory, maxRecorded });
  return { ...Object.fromEntries(await Promise.all(names.map(read))), 'limits.json': limits };
}
