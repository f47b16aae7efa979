import { describeCorpus } from './corpus.ts';

describeCorpus(['ending', 'first', 'metric', 'number', 'seed', 'judge', 'unseen', 'whisper']);
