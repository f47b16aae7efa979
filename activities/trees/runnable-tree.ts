import type { SandboxRequest } from '../../adapters/sandbox/contract.ts';

/** A tree that commands can run on: exported, built if the loop builds, with what setup provides. */
export type RunnableTree = Pick<SandboxRequest, 'tree' | 'provided'>;

/** A runnable tree as the loop's commands see it. */
export type MountedTree = RunnableTree & { workspace: 'readonly' | 'copy'; watched: string[] };
