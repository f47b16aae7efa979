/** The innermost message of a failure: Temporal's own wrappers ("Activity task failed") say nothing to a person. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? failureText(error.cause) : error.message;
}

/** Foreign text in the Markdown of the Temporal UI: as it is, without links, images or markup. */
export function asCode(text: string): string {
  return `\`${text
    .replace(/[`\s]+/g, ' ')
    .trim()
    .slice(0, 300)}\``;
}
