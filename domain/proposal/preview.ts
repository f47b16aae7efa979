import type { Brief } from './brief.ts';
import type { Question } from './prompt.ts';

/** The next brief of a loop and its question, of which nobody was asked. `karpathy-loop brief` prints it. */
export interface Preview {
  brief: Brief;
  /** Null for a command source, which gets the brief itself, and where there is a problem. */
  question: Question | null;
  problem: string | null;
  /** For people. */
  model: string;
  notes: string[];
}
