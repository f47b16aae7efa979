import { describeCorpus } from './corpus.ts';

describeCorpus([
  'malformed',
  'path',
  'prompt',
  'process',
  'memory',
  'output',
  'disk',
  'network',
  'secrets',
  'git',
  'clock',
]);
