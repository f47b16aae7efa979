import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../ollama.ts';

export interface GitDaemon {
  port: number;
  /** git:// address of a repository below the directory. */
  url(name: string): string;
  /** Ends it and its open connections. */
  stop(): Promise<void>;
}

/**
 * The real `git daemon` over every repository below a directory; anybody may push.
 * @param options.host address that it listens on (default 127.0.0.1)
 * @param options.port default a free one; give that of a stopped one to bring it back
 */
export async function startGitDaemon(
  directory: string,
  { host = '127.0.0.1', port }: { host?: string; port?: number } = {},
): Promise<GitDaemon> {
  for (let tries = 1; ; tries++) {
    const chosen = port ?? (await freePort(host));
    const daemon = await listen(directory, host, chosen);
    if (typeof daemon !== 'string')
      return { port: chosen, url: (name) => `git://${host}:${chosen}/${name}`, stop: () => end(daemon) };
    // Somebody else may have taken the port meanwhile.
    if (tries === 5) throw new Error(`git daemon: ${daemon}`);
  }
}

/** Not by `git daemon`, which would be a second process in between. */
async function listen(directory: string, host: string, port: number): Promise<ChildProcess | string> {
  const program = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-daemon');
  const args = [
    `--base-path=${directory}`,
    '--export-all',
    '--enable=receive-pack',
    '--reuseaddr',
    `--listen=${host}`,
    `--port=${port}`,
    '--verbose',
  ];
  const environment = {
    PATH: process.env['PATH'],
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    LC_ALL: 'C',
  };
  // A group of its own, so that the processes of open connections end with it.
  const daemon = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true, env: environment });
  let said = '';
  return new Promise((resolve) => {
    daemon.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said = (said + chunk).slice(-4_096);
      if (said.includes('Ready to rumble')) resolve(daemon);
    });
    daemon.once('exit', () => resolve(said.trim()));
  });
}

async function end(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const exited = once(daemon, 'exit');
  process.kill(-daemon.pid!, 'SIGKILL');
  await exited;
}
