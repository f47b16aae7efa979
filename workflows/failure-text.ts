/** Returns the innermost message of a failure: Temporal's wrappers ("Activity task failed") tell a person nothing. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? failureText(error.cause) : error.message;
}

/** Quotes foreign text for the Temporal UI's Markdown, so that it makes no links, images or markup. */
export function asCode(text: string): string {
  return `\`${text
    .replace(/[`\s]+/g, ' ')
    .trim()
    .slice(0, 300)}\``;
}
