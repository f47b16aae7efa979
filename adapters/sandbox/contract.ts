/** The contract of one sandboxed run: what is asked, and what came out. */

export interface SandboxLimits {
  /** Wall time of the command, in seconds; bringing up the sandbox and copying the tree do not count. */
  seconds: number;
  /** Memory of all processes together, with everything written to /tmp and to a copied tree; per process in the layer `rlimits`. */
  memoryMiB: number;
  /** Processes and threads together. */
  processes: number;
  /** Standard output and error together. */
  outputKiB: number;
  /**
   * Size of /tmp, and of a copied tree; also of what is written to the host's disk, each file and, looked at ten times a second, all of it: /profile,
   * and a writable tree, to no less than 4096 MiB, since what setup and build make is large. Without a sandbox of each file only.
   */
  scratchMiB: number;
}

export interface SandboxRequest {
  /** Run by `sh -c` in /repo. */
  command: string;
  /** Host directory that becomes /repo. Its files must be readable by everyone when the worker is root, whose runs have another uid. */
  tree: string;
  /**
   * readonly: mounted read-only. copy: copied into a fresh sized tmpfs, writable.
   * writable: the directory itself, writable (setup, build); its files must have no other hard links, and a root's worker gives it to root afterwards.
   */
  workspace: 'readonly' | 'copy' | 'writable';
  network: boolean;
  /**
   * Paths inside the repository at which a file or directory of the host is mounted read-only; `host`, with links followed, must lie in `root`.
   * For `readonly` the mount point must exist in the tree (makeMountPoint); what is there is hidden, and without a sandbox not kept in a writable tree.
   */
  provided: { path: string; host: string; root: string }[];
  /** Extra host paths, mounted read-only at the same path. */
  readOnlyPaths: string[];
  devices: string[];
  environment: Record<string, string>;
  /** Tools by name (worker settings) whose toolchain is shown read-only if it lies outside the system directories. */
  tools: string[];
  /** Host directory of held-out tests, shown read-only as /guard and named by $GUARD; nothing else is said of it. */
  guard?: string;
  /**
   * Files inside the repository that may not end a process which others are judged by: what they end by themselves (process.exit, say) has
   * exit code 97 whatever they ask for. Enforced for Node.js, and as far as a process can be watched from within; see docs/sandbox.md.
   */
  watched?: string[];
  /** Host directory that becomes the writable /profile; a `node` shim then adds --cpu-prof. */
  profile?: string;
  limits: SandboxLimits;
  /** Kills the run at once. */
  signal?: AbortSignal;
}

/**
 * The first that matches, in this order: `cancelled` by the request's signal; `sandbox-error`: the command could not be started, which is never the
 * candidate's fault; `timeout`; `oom`, `pids` and `disk`: a limit was hit, whatever the exit code; `output`; `signal`: exit code above 128; `failed`; `ok`.
 */
export type SandboxStatus =
  'ok' | 'failed' | 'signal' | 'timeout' | 'oom' | 'pids' | 'disk' | 'output' | 'sandbox-error' | 'cancelled';

/** `permanent`: the request is at fault, and would fail every time. `transient`: anything else, which a repair of the machine or a later try may mend. */
export type SandboxFault = 'transient' | 'permanent';

export interface SandboxResult {
  status: SandboxStatus;
  /** Of a `sandbox-error`, else null. */
  fault: SandboxFault | null;
  /** As the shell saw it: 128 + n after signal n; null if the command did not end by itself. */
  exitCode: number | null;
  signal: number | null;
  /** Of the command, without bringing up the sandbox and copying the tree. */
  wallMs: number;
  /**
   * Of the whole process tree. From `cgroup` without the set-up; from `rusage` with it, and without what a process hid by not waiting for a child;
   * `polled` where more than that was seen from outside: without what ran for less than a tenth of a second.
   */
  cpuMs: number;
  cpuSource: 'cgroup' | 'polled' | 'rusage' | 'none';
  /** Most memory at one time, or null where no cgroup counts it. */
  peakBytes: number | null;
  oomKills: number;
  /** Times that a process or thread was refused for `limits.processes`; only a cgroup counts them. A poller ends the run instead. */
  pidsHit: number;
  /** Standard output and error together. */
  outBytes: number;
  truncated: boolean;
  /** Standard output, up to the output limit. */
  stdout: string;
  /** End of standard output and error, cleaned. For `sandbox-error` what went wrong. */
  tail: string;
  /**
   * All paths of a copied tree at the end of the command, and whether each was made or changed in the run; what is mounted in it is not gone into.
   * Null for other workspaces and without a sandbox, and where the list could not be made.
   */
  left: ReadonlyMap<string, 'same' | 'changed'> | null;
  limitsLayer: LimitsLayer;
  sandbox: SandboxKind;
}

/**
 * What bounds memory and processes of a run. `cgroup`: the kernel, for the whole tree. `polled`: a look at the tree ten times a second, which can be
 * late (a soft memory limit), within wider limits per process. `rlimits`: limits per process only.
 */
export type LimitsLayer = 'cgroup' | 'polled' | 'rlimits' | 'none';

/** The layer in a person's words. */
export const limitsLayerText: Record<LimitsLayer, string> = {
  cgroup: 'control group',
  polled: 'polling (a soft memory limit)',
  rlimits: 'resource limits of each process only',
  none: 'nothing',
};

export type SandboxKind = 'bubblewrap' | 'none';

/** Runs commands that nobody has read. */
export interface Sandbox {
  kind: SandboxKind;
  limitsLayer: LimitsLayer;
  /** Never rejects for what the command does: every end is a status. */
  run(request: SandboxRequest): Promise<SandboxResult>;
  /** Checks with real runs that the sandbox holds and shows these tools; one line per problem, none if all is well. Only success is remembered. */
  selfTest(tools: string[]): Promise<string[]>;
}
