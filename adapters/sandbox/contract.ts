export interface SandboxLimits {
  /** Wall time of the command, in seconds, without the start of the sandbox and the copy of the tree. */
  seconds: number;
  /** Memory of all processes together, /tmp and a copied tree included; per process in the layer `rlimits`. */
  memoryMiB: number;
  /** Processes and threads together. */
  processes: number;
  /** Standard output and error together. */
  outputKiB: number;
  /** Size of /tmp, a copied tree, /profile, and a writable tree (4096 MiB or more). Per file without a sandbox. */
  scratchMiB: number;
}

export interface SandboxRequest {
  /** Run by `sh -c` in /repo. */
  command: string;
  /** Its standard input, which is empty if absent. */
  stdin?: string;
  /** Looks now and then if its first process still has the standard output that it was started with. In bubblewrap only. */
  watchesStdout?: boolean;
  /** Host directory that becomes /repo. Under root everyone must be able to read it, since runs have another uid. */
  tree: string;
  /** `copy`: in a sized tmpfs. `writable`: itself, without hard links to its files; root's after the run. */
  workspace: 'readonly' | 'copy' | 'writable';
  network: boolean;
  /** Mounted read-only in the tree; `host` must lie in `root`. A `readonly` tree needs makeMountPoint first. */
  provided: { path: string; host: string; root: string }[];
  /** Extra host paths, mounted read-only at the same path. */
  readOnlyPaths: string[];
  devices: string[];
  environment: Record<string, string>;
  /** Tools by name (worker settings) whose toolchain is shown read-only if it lies outside the system directories. */
  tools: string[];
  /** Host directory of held-out tests, shown read-only as /guard and named by $GUARD; no result names it. */
  guard?: string;
  profile?: ProfileRequest;
  limits: SandboxLimits;
  /** Lets the command run only half of the time, in short turns: what goes by a clock does less then. In bubblewrap only. */
  slowed?: boolean;
  /** Kills the run at once. */
  signal?: AbortSignal;
}

/** What lets profilers watch a run. The sandbox knows none of them. */
export interface ProfileRequest {
  /** Host directory that becomes the writable /profile; $KARPATHY_LOOP_PROFILE names it. */
  directory: string;
  /** Host directory shown read-only as /profiler; the programs in its `bin` come first on PATH. */
  tools: string;
  /** More variables; "{tools}" in a value becomes the place of the tools. */
  environment: Record<string, string>;
  /** Called with the host's pid of the run's first process, before the command starts. In bubblewrap only. */
  begins?(pid: number): void;
}

/** The part of a request that shows nothing but the tree, read-only. */
export const bareRequest = {
  ...{ workspace: 'readonly', network: false, provided: [], readOnlyPaths: [] },
  ...{ devices: [], environment: {}, tools: [] },
} satisfies Partial<SandboxRequest>;

/** `sandbox-error`: the command did not start, never the candidate's fault. `oom`, `pids`, `disk`: a limit was hit. */
export type SandboxStatus =
  'ok' | 'failed' | 'signal' | 'timeout' | 'oom' | 'pids' | 'disk' | 'output' | 'sandbox-error' | 'cancelled';

/** `permanent`: the request itself is wrong. `transient`: a repair of the machine or a later try may help. */
export type SandboxFault = 'transient' | 'permanent';

export interface SandboxResult {
  status: SandboxStatus;
  /** Null unless the status is `sandbox-error`. */
  fault: SandboxFault | null;
  /** As the shell saw it: 128 + n after signal n; null if the command did not end by itself. */
  exitCode: number | null;
  signal: number | null;
  /** Without the start of the sandbox and the copy of the tree. */
  wallMs: number;
  /** CPU time of the whole process tree. */
  cpuMs: number;
  /** `rusage` includes the set-up, not children that nobody waited for; `polled` misses the shortest processes. */
  cpuSource: 'cgroup' | 'polled' | 'rusage' | 'none';
  /** Peak memory, or null where no cgroup counts it. */
  peakBytes: number | null;
  oomKills: number;
  /** Processes or threads refused for `limits.processes`, as a cgroup counts them. A poller ends the run instead. */
  pidsHit: number;
  /** Standard output and error together. */
  outBytes: number;
  /** More output than the limit, even if it came only after the end. */
  truncated: boolean;
  /** Both streams together have at most the output limit. */
  stdout: string;
  stderr: string;
  /** Time from the last of standard output to the end of the command, in ms; null where nothing was printed. */
  quietMs: number | null;
  /** Looks at which its first process had another standard output than it was started with; 0 where nobody looked. */
  movedLooks: number;
  /** End of standard output and error, cleaned; the problem of a `sandbox-error`. */
  tail: string;
  /** Paths of a copied tree at the end, mounts not entered; null where there is none or no list could be made. */
  left: ReadonlyMap<string, 'same' | 'changed'> | null;
  limitsLayer: LimitsLayer;
  sandbox: SandboxKind;
}

/** Bounds memory and processes: the kernel (all together), a poller ten times a second, the kernel (each process). */
export type LimitsLayer = 'cgroup' | 'polled' | 'rlimits' | 'none';

const hidden = 'CPU time can be hidden, so wall time must show a gain too';

/** The layer in a person's words. */
export const limitsLayerText: Record<LimitsLayer, string> = {
  cgroup: 'control group',
  polled: `polling (a soft memory limit; ${hidden})`,
  rlimits: `resource limits of each process only (${hidden})`,
  none: 'nothing',
};

export type SandboxKind = 'bubblewrap' | 'none';

/** Runs commands that nobody has read. */
export interface Sandbox {
  kind: SandboxKind;
  limitsLayer: LimitsLayer;
  /** Never rejects for what the command does: every end is a status. */
  run(request: SandboxRequest): Promise<SandboxResult>;
  /** Checks with real runs that the sandbox holds and shows these tools. Returns the problems; caches success only. */
  selfTest(tools: string[]): Promise<string[]>;
}
