import { describeCorpus } from './corpus.ts';

describeCorpus(['blind', 'second', 'wrong', 'good']);
