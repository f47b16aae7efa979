/** The fields of each line; a field in double quotes may hold commas. */
export function parse(text) {
  return text.split('\n').map((line) => {
    if (!line.includes('"')) return line.split(',');
    const fields = [''];
    let quoted = false;
    for (const letter of line) {
      if (letter === '"') quoted = !quoted;
      else if (letter === ',' && !quoted) fields.push('');
      else fields[fields.length - 1] += letter;
    }
    return fields;
  });
}
