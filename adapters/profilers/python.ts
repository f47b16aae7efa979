import { readFile } from 'node:fs/promises';
import { before, type Profiler } from './profiler.ts';

/** Python loads it at its start, also in a virtual environment and by the programs of pip. */
export const python: Profiler = {
  name: 'cProfile',
  files: async () => ({
    'python/sitecustomize.py': await readFile(new URL('python/sitecustomize.py', import.meta.url), 'utf8'),
  }),
  environment: ({ PYTHONPATH }) => ({ PYTHONPATH: before('{tools}/python', PYTHONPATH, ':') }),
  slowdown: 5,
};
