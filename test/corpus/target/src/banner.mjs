/** The first line of a built file. */
export function banner(name) {
  return `// ${name}, built`;
}
