import { toLine } from '../../domain/text.ts';
import { GitFailure } from './command.ts';

/** A command that could not reach a URL, or was refused there. The message is one line with fact and remedy. */
export class NetworkFailure extends GitFailure {
  /** True where trying again is of no use: not found, or no rights. */
  readonly isPermanent: boolean;

  constructor(message: string, isPermanent: boolean, { exitCode, stderr }: GitFailure) {
    super(message, exitCode, stderr);
    this.isPermanent = isPermanent;
  }
}

const kinds: { said: RegExp; isTransient?: true; fact: string; remedy: string }[] = [
  {
    said: /Could not resolve host|unable to look up|Name or service not known|Temporary failure in name resolution|nodename nor servname/i,
    isTransient: true,
    fact: 'names a host that is not known here',
    remedy: 'check its name and the network',
  },
  {
    said: /Host key verification failed/i,
    fact: "is on a host whose key is not known to the worker's user",
    remedy: 'connect to it once by ssh, and accept its key',
  },
  {
    said: /Authentication failed|could not read (Username|Password)|terminal prompts disabled|Permission denied \(|returned error: 40[13]|invalid credentials|could not authenticate/i,
    fact: 'refuses the credentials that git has for it, or git has none',
    remedy:
      "give the worker's user a credential helper or an ssh key that may fetch and push there (git help credentials)",
  },
  {
    said: /does not appear to be a git repository|repository .*not found|repository not exported|returned error: 404|not found: did you run|no such file or directory/i,
    fact: 'is no repository that can be found there',
    remedy: 'check the URL',
  },
  {
    said: /hook declined|protected branch|not authorized|You are not allowed|service not enabled|permission to .* denied|access denied|deny updating|prohibited/i,
    fact: 'refuses the push',
    remedy: "let the worker's user write refs/karpathy-loop/* and the results branch there",
  },
  {
    said: /checked out branch|branch is currently checked out|denyCurrentBranch/i,
    fact: 'has the results branch checked out and refuses to have it moved (receive.denyCurrentBranch)',
    remedy: 'switch to another branch there, or use a bare repository',
  },
  {
    said: /not our ref|unadvertised object|couldn't find remote ref/i,
    fact: 'does not have that commit, or does not give it out',
    remedy: 'give a branch, a tag or a commit that one of them leads to',
  },
  {
    said: /does not support --atomic/i,
    fact: 'cannot move two refs together (push --atomic)',
    remedy: 'use a server that can',
  },
];

/** Turns git's words about a URL into a fact and a remedy. */
export function explainNetwork(url: string, failure: GitFailure): NetworkFailure {
  const said = failure.stderr || failure.message;
  const { fact, remedy, isTransient } = kinds.find((kind) => kind.said.test(said)) ?? unreachable;
  const words = toLine(rejection(said) ?? failure.message.replace(/^git [^:]*: /, ''), 200);
  return new NetworkFailure(`repository: ${url} ${fact} (${words}); ${remedy}`, !isTransient, failure);
}

const unreachable = { isTransient: true, fact: 'cannot be reached', remedy: 'check the host and the network' };

/** Finds the server's reason and its hook's words: git itself ends with "failed to push some refs" whatever it was. */
function rejection(said: string): string | null {
  const [, reason] = /\[(?:remote )?rejected\] \((.*)\)/.exec(said) ?? [];
  const [, remote] = /^remote: (?!error:)(.*\S)/m.exec(said) ?? [];
  return reason ? [reason, ...(remote ? [remote] : [])].join(': ') : null;
}
