/* Bytes of the sources without comments and indentation: a metric that repeats to the last digit. */
import { readdirSync, readFileSync } from 'node:fs';

const bytes = readdirSync('src')
  .filter((name) => name.endsWith('.mjs'))
  .map((name) => readFileSync(`src/${name}`, 'utf8'))
  .map((text) => text.replace(/\/\*[^]*?\*\/|\/\/.*/g, '').replace(/\s+/g, ' '))
  .reduce((total, text) => total + Buffer.byteLength(text), 0);
console.log(`METRIC bytes=${bytes}`);
