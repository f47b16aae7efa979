import { randomUUID } from 'node:crypto';
import { gitBytes, type Clone } from './command.ts';
import { authorOf } from './trees.ts';

/**
 * Makes a commit of files put into its parent's tree, by one git and without an index: it costs the same however many files there are.
 * The same inputs give the same sha as `commitTree` would. For paths of this product's own only: no more is checked than that they are one line.
 * @param facts `parent` null: from the empty tree; `identity` and `date` as for `commitTree`
 */
export async function importCommit(
  clone: Clone,
  facts: {
    parent: string | null;
    files: readonly { path: string; content: string }[];
    message: string;
    identity: string;
    date: string;
  },
): Promise<string> {
  const { name, mail, seconds } = authorOf(facts);
  const odd = facts.files.find(({ path }) => /^"|[\n\0]/.test(path));
  if (odd) throw new Error(`path: ${JSON.stringify(odd.path)} is not one plain line`);
  // git insists on a ref and takes it back before it would be written.
  const ref = `refs/temporary/${randomUUID()}`;
  const person = `${name} <${mail}> ${seconds} +0000`;
  const stream = [
    `commit ${ref}`,
    'mark :1',
    `author ${person}`,
    `committer ${person}`,
    data(facts.message),
    ...(facts.parent ? [`from ${facts.parent}`] : []),
    ...facts.files.flatMap(({ path, content }) => [`M 100644 inline ${path}`, data(content)]),
    'get-mark :1',
    `reset ${ref}`,
    'done',
    '',
  ];
  const said = await gitBytes(clone, ['fast-import', '--quiet', '--done', '--date-format=raw'], {
    input: stream.join('\n'),
  });
  return said.toString().trim();
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}
