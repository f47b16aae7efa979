export function hasOneGroup(text: string): boolean {
  return groupsOf(text) === 1;
}

/** Number of capture groups, or why it is no regular expression. */
export function groupsOf(text: string): number | string {
  try {
    return new RegExp(`${text}|`, 'm').exec('')!.length - 1;
  } catch (error) {
    return (error as Error).message.replace(/^.*\|\/m?: /, '').toLowerCase();
  }
}
