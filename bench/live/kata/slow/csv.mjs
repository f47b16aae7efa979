/** The fields of each line; a field in double quotes may hold commas. */
export function parse(text) {
  return text.split('\n').map((line) => {
    let fields = [''];
    let quoted = false;
    for (const letter of line) {
      if (letter === '"') quoted = !quoted;
      else if (letter === ',' && !quoted) fields = [...fields, ''];
      else fields[fields.length - 1] += letter;
    }
    return fields;
  });
}
