/** Options that command line and programs share; what each means is said where the commands declare it. */

export interface ServerFlags {
  /** The Temporal server, as "host:port"; default: as the `temporal` CLI finds it, else the one of the data directory. */
  address?: string;
  /** Default: "default". */
  namespace?: string;
  /** The data directory. */
  data?: string;
}

/** Grants of a command line for its own worker, beside its repository. */
export interface AllowFlags {
  /** Programs that may propose, each as "name=command line". */
  commandSource: string[];
  /** Each as "name=path". */
  allowReadOnly: string[];
  /** Each as "name=path". */
  allowDevice: string[];
  /** Names of environment variables. */
  allowEnvironment: string[];
  /** Held-out tests, each as "name=directory:command". */
  allowGuard: string[];
  /** Runs the tests once without a sandbox if the base fails them in it. */
  checkOutside?: true;
  allowSetupNetwork?: true;
  allowUnsandboxed?: true;
  /** Tools outside of the system directories, by name or path. */
  tool: string[];
  ollamaHost?: string;
  openaiUrl?: string;
  openaiKeyVariable?: string;
}
