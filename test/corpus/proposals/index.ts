import type { Proposal } from '../proposal.ts';
import { blind } from './blind.ts';
import { clock } from './clock.ts';
import { disk } from './disk.ts';
import { ending } from './ending.ts';
import { firstProcess } from './first-process.ts';
import { git } from './git.ts';
import { good } from './good.ts';
import { judge } from './judge.ts';
import { malformed } from './malformed.ts';
import { memory } from './memory.ts';
import { metric } from './metric.ts';
import { network } from './network.ts';
import { number } from './number.ts';
import { output } from './output.ts';
import { paths } from './path.ts';
import { processes } from './process.ts';
import { prompt } from './prompt.ts';
import { secrets } from './secrets.ts';
import { second } from './second.ts';
import { seed } from './seed.ts';
import { unseen } from './unseen.ts';
import { whisper } from './whisper.ts';
import { wrong } from './wrong.ts';

/** In the order in which they run: what is refused at once first, what is committed last. */
const all = {
  ...{ malformed, path: paths, prompt, process: processes, memory, output, disk, network, secrets, git, clock },
  ...{ ending, first: firstProcess, metric, number, seed, judge, unseen, whisper, blind, second, wrong, good },
};

export type ClassName = keyof typeof all;
export const classes: Record<ClassName, readonly Proposal[]> = all;
