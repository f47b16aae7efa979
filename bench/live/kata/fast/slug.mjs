/** "Héllo, World!" becomes "hello-world". */
export function slug(text) {
  return text
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9 ]+/g, '')
    .trim()
    .replace(/ +/g, '-');
}
