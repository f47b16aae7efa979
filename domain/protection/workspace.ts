/** View of the tree that the loop's commands get. */
export type Workspace = 'readonly' | 'copy';

/** A run of the base's tests. */
export interface WorkspaceRun {
  workspace: Workspace;
  passed: boolean;
  /** Set if the failure speaks of a tree that cannot be written. */
  blamesTree: boolean;
}

/** Returns the strictest view that the runs so far leave; one unlucky run takes nothing away. */
export function settledWorkspace(runs: readonly WorkspaceRun[], allowed: Workspace | 'auto'): Workspace {
  if (allowed !== 'auto') return allowed;
  const readonly = runs.filter(({ workspace }) => workspace === 'readonly');
  const isRefuted = readonly.length > 1 || readonly.some(({ blamesTree }) => blamesTree);
  return isRefuted && !readonly.some(({ passed }) => passed) ? 'copy' : 'readonly';
}
