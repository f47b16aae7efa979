/** How the loop's commands run: view of the tree, and if ends of processes are watched. */
export interface Mode {
  workspace: 'readonly' | 'copy';
  exitGuard: boolean;
}

/** The part of a mode that a failure speaks of: a tree that cannot be written, or the exit guard's own traces; else null. */
export type Blamed = keyof Mode | null;

/** A run of the base's tests. */
export interface ModeRun {
  mode: Mode;
  passed: boolean;
  blames: Blamed;
}

/** Modes that the config allows. */
export interface AllowedModes {
  workspace: Mode['workspace'] | 'auto';
  exitGuard: boolean;
}

/**
 * Returns the strictest mode that the runs so far leave. One unlucky run takes nothing away; the exit guard is given
 * up by the config alone.
 */
export function settledMode(runs: readonly ModeRun[], { workspace, exitGuard }: AllowedModes): Mode {
  if (workspace !== 'auto') return { workspace, exitGuard };
  const readonly = runs.filter(({ mode }) => mode.workspace === 'readonly');
  const isRefuted = readonly.length > 1 || readonly.some(({ blames }) => blames === 'workspace');
  return { workspace: isRefuted && !readonly.some(({ passed }) => passed) ? 'copy' : 'readonly', exitGuard };
}

/** Returns the mode of the next run: the settled one, or one without the exit guard to learn if it is at fault. */
export function nextMode(runs: readonly ModeRun[], allowed: AllowedModes): Mode {
  const settled = settledMode(runs, allowed);
  const isTried = runs.some(({ mode }) => !mode.exitGuard);
  return { ...settled, exitGuard: settled.exitGuard && (isTried || runs.at(-1)?.blames !== 'exitGuard') };
}
