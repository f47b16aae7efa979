import { randomUUID } from 'node:crypto';
import { gitBytes, type Clone } from './command.ts';

export interface CommitFacts {
  parent: string | null;
  /** The commit's tree; unless given, the parent's. */
  tree?: string;
  /** Put into the tree. For paths of the loop's own only: they are not checked. */
  files?: readonly { path: string; content: string }[];
  message: string;
  /** "Name <address>", author and committer both. */
  identity: string;
  /** ISO 8601; kept to the second, in UTC. */
  date: string;
}

/** Makes a commit by one git, without an index or a ref; the same facts give the same sha. */
export async function makeCommit(clone: Clone, facts: CommitFacts): Promise<string> {
  const { parent, tree, files = [], message, identity, date } = facts;
  if (!/^[^<>\n]+ <[^<>\n]+>$/.test(identity))
    throw new Error(`commit.identity: "${identity}" is no identity; give "Name <address>"`);
  const seconds = Math.floor(Date.parse(date) / 1000);
  if (!Number.isFinite(seconds)) throw new Error(`date: "${date}" is no time; give ISO 8601`);
  // git insists on a ref and takes it back before it would be written.
  const ref = `refs/temporary/${randomUUID()}`;
  const stream = [
    `commit ${ref}`,
    'mark :1',
    `author ${identity} ${seconds} +0000`,
    `committer ${identity} ${seconds} +0000`,
    data(message),
    ...(parent ? [`from ${parent}`] : []),
    ...(tree ? [`M 040000 ${tree} `] : []),
    ...files.flatMap(({ path, content }) => [`M 100644 inline ${path}`, data(content)]),
    'get-mark :1',
    `reset ${ref}`,
    'done',
    '',
  ];
  const options = ['--quiet', '--done', '--date-format=raw'];
  return (await gitBytes(clone, ['fast-import', ...options], { input: stream.join('\n') })).toString().trim();
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}
