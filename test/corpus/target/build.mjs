/* Puts a line above each of the sources, in place; src/banner.mjs says which. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { banner } from './src/banner.mjs';

for (const name of readdirSync('src'))
  writeFileSync(`src/${name}`, `${banner(name)}\n${readFileSync(`src/${name}`, 'utf8')}`);
