/** Follows git-check-ref-format, and refuses names that look like options. */
export function isRefName(text: string): boolean {
  const parts = text.split('/');
  return (
    !/[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|^-/.test(text) &&
    text !== '@' &&
    !text.endsWith('.') &&
    text.length <= 200 &&
    parts.every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'))
  );
}

/**
 * Returns the id of a workflow's loop, by which refs and files are named: the workflow's own where that is legal.
 * A Temporal Schedule adds a time, which loses its colons; any other id gets a digest, so that two stay two.
 */
export function toLoopId(workflowId: string): string {
  if (isRefName(workflowId)) return workflowId;
  const timed = workflowId.replace(/-(\d{4}-\d\d-\d\dT\d\d):(\d\d):(\d\d)Z$/, '-$1$2$3Z');
  if (isRefName(timed)) return timed;
  const words =
    workflowId
      .match(/[A-Za-z0-9_-]+/g)
      ?.join('-')
      .slice(0, 100) ?? '';
  return `${words.replace(/^-+/, '') || 'loop'}-${digest(workflowId)}`;
}

/** FNV-1a, 64 bits, in hex: workflows have no crypto. */
function digest(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}
