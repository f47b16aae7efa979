/** A build of this product in the data directory of the worker that runs it. */
export interface Self {
  commit: string;
  directory: string;
}

interface Trial {
  adoption: string;
  /** ISO 8601; unless somebody attends to the trial by then, what was before works again. */
  deadline: string;
  /** ISO 8601 */
  since: string;
  /** Memory of the worker before it, in MiB. */
  memoryMiB: number;
  /** Restored where the trial ends badly. */
  before: Pick<Selves, 'current' | 'previous'>;
}

/** Names the build that a data directory's worker runs, in a file that outlives every process. */
export interface Selves {
  /** Null: the code that the command line belongs to. */
  current: Self | null;
  /** The last good one before it. */
  previous: Self | null;
  /** Set until an adoption has confirmed `current`. */
  trial: Trial | null;
  /** Crashes of `current` since it came up for long. */
  deaths: number;
  /** The last build that gave way without an adoption's word, and why. */
  fallen: { adoption: string | null; commit: string; reason: string } | null;
}

export const noSelves: Selves = { current: null, previous: null, trial: null, deaths: 0, fallen: null };

/** Crashes after which the last good build works again. @internal */
export const maxDeaths = 3;

interface Promotion extends Pick<Trial, 'adoption' | 'deadline' | 'since' | 'memoryMiB'> {
  self: Self;
  /** A build of the code that works now. */
  judge: Self;
}

/** Lets a build work on trial. Repeating it changes nothing, nor does it once that trial is over. */
export function promote(selves: Selves, { self, judge, ...trial }: Promotion): Selves {
  const { current, previous } = selves;
  if (selves.trial?.adoption === trial.adoption || selves.fallen?.adoption === trial.adoption) return selves;
  return {
    current: self,
    previous: judge,
    trial: { ...trial, before: { current, previous } },
    deaths: 0,
    fallen: null,
  };
}

/** Puts the deadline of a trial off. */
export function attend(selves: Selves, { adoption, deadline }: Pick<Trial, 'adoption' | 'deadline'>): Selves {
  return selves.trial?.adoption === adoption ? { ...selves, trial: { ...selves.trial, deadline } } : selves;
}

/** Ends the trial of an adoption well; null where it has ended otherwise. Repeating it changes nothing. */
export function confirm(selves: Selves, { adoption, commit }: { adoption: string; commit: string }): Selves | null {
  if (selves.trial?.adoption === adoption) return { ...selves, trial: null, deaths: 0 };
  return selves.trial === null && selves.current?.commit === commit && selves.fallen === null ? selves : null;
}

/** Lets what was before work again, where that adoption's build is on trial. */
export function withdraw(selves: Selves, adoption: string): Selves {
  return selves.trial?.adoption === adoption ? { ...selves, ...selves.trial.before, trial: null, deaths: 0 } : selves;
}

/** Counts a crash of the build that works; too many let the last good one work again. */
export function noteDeath(selves: Selves, how: string): Selves {
  const deaths = selves.deaths + 1;
  if (selves.current === null) return selves;
  return deaths < maxDeaths ? { ...selves, deaths } : fall(selves, `its worker ended ${deaths} times, at last ${how}`);
}

/** Forgets crashes that lie long behind. */
export function noteHealth(selves: Selves): Selves {
  return selves.deaths === 0 ? selves : { ...selves, deaths: 0 };
}

/** Ends a trial that nobody has confirmed in time. */
export function expire(selves: Selves, now: number): Selves {
  if (selves.trial === null || now < Date.parse(selves.trial.deadline)) return selves;
  return fall(selves, `nobody confirmed it by ${selves.trial.deadline}`);
}

function fall(selves: Selves, reason: string): Selves {
  const { current, previous, trial } = selves;
  const fallen = { adoption: trial?.adoption ?? null, commit: current!.commit, reason };
  return { ...(trial?.before ?? { current: previous, previous: null }), trial: null, deaths: 0, fallen };
}

/** Lets the last good build work again by a person's word; null where there is none. */
export function giveBack(selves: Selves): Selves | null {
  return selves.current === null || selves.trial !== null ? null : { ...noSelves, current: selves.previous };
}
