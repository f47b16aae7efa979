import { line } from '../../domain/text.ts';
import { refNames } from '../../ledger/refs.ts';
import type { LoopResult } from '../../workflows/messages.ts';
import { CommandError } from '../terminal/command-error.ts';
import type { Progress } from '../terminal/progress.ts';
import { isFruitless, stopText } from '../terminal/stop-text.ts';
import { printReport } from './print-report.ts';

export interface EndedLoop {
  repository: string;
  loopId: string;
  result: LoopResult;
}

/** Tells why a loop ended, and prints its report. @throws CommandError where every iteration failed */
export async function tellEnding(
  { repository, loopId, result }: EndedLoop,
  progress: Progress,
  isJson: boolean,
): Promise<void> {
  if (result.branchPending) {
    const { champion } = refNames(loopId, '');
    progress.line(
      line`branch: was ${result.branchPending}, so it stays where it is; type "git merge ${champion}" on it`,
    );
  }
  progress.line(line`ended     ${stopText(result)}`);
  await printReport(repository, loopId, isJson);
  if (isFruitless(result)) {
    const cause = result.last?.detail ?? 'see the report';
    throw new CommandError(`loop: every iteration failed, and nothing was measured; the last one: ${cause}`);
  }
}
