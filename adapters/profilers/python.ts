import { readFile } from 'node:fs/promises';
import { ownFile } from '../own-files.ts';
import { before, type Profiler } from './profiler.ts';

/** Python loads it at its start, also in a virtual environment and by the programs of pip. */
export const python: Profiler = {
  name: 'cProfile',
  files: async () => ({
    'python/sitecustomize.py': await readFile(ownFile('adapters/profilers/python/sitecustomize.py'), 'utf8'),
  }),
  environment: ({ PYTHONPATH }) => ({ PYTHONPATH: before('{tools}/python', PYTHONPATH, ':') }),
  slowdown: 5,
};
