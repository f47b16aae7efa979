/** "Héllo, World!" becomes "hello-world". */
export function slug(text) {
  return text
    .normalize('NFD')
    .toLowerCase()
    .split('')
    .filter((letter) => /[a-z0-9 ]/.test(letter))
    .join('')
    .trim()
    .replace(/ +/g, '-');
}
