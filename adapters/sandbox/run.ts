/** PLACEHOLDER CONTRACT, to be implemented. */
export interface SandboxLimits { seconds: number; memoryMiB: number; processes: number; outputKiB: number; scratchMiB: number }
export interface SandboxRequest {
  /** Run by `sh -c` in /repo. */
  command: string;
  /** Host directory that becomes /repo. */
  tree: string;
  /** readonly: mounted read-only. copy: copied into a fresh sized tmpfs, writable. writable: the directory itself, writable (setup, build). */
  workspace: 'readonly' | 'copy' | 'writable';
  network: boolean;
  /** Paths inside the repository that are mounted read-only from the host. */
  provided: { path: string; host: string }[];
  /** Extra host paths, mounted read-only at the same path. */
  readOnlyPaths: string[];
  devices: string[];
  environment: Record<string, string>;
  /** Tools by name (worker settings) whose toolchain is shown read-only if it lies outside the system directories. */
  tools: string[];
  /** Host directory that becomes the writable /profile; a `node` shim then adds --cpu-prof. */
  profile?: string;
  limits: SandboxLimits;
  signal?: AbortSignal;
}
export type SandboxStatus = 'ok' | 'failed' | 'signal' | 'timeout' | 'oom' | 'pids' | 'output' | 'sandbox-error' | 'cancelled';
export interface SandboxResult {
  status: SandboxStatus;
  exitCode: number | null;
  signal: number | null;
  wallMs: number;
  cpuMs: number;
  cpuSource: 'cgroup' | 'rusage' | 'none';
  peakBytes: number | null;
  oomKills: number;
  pidsHit: number;
  outBytes: number;
  truncated: boolean;
  /** Standard output, up to the output limit. */
  stdout: string;
  /** End of standard output and error, cleaned. */
  tail: string;
  limitsLayer: 'cgroup' | 'rlimits' | 'none';
  sandbox: 'bubblewrap' | 'none';
}
