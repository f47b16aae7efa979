/* Puts a line above each of the sources, in a folder of its own; src/banner.mjs says which. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { banner } from './src/banner.mjs';

mkdirSync('built', { recursive: true });
for (const name of readdirSync('src'))
  writeFileSync(`built/${name}`, `${banner(name)}\n${readFileSync(`src/${name}`, 'utf8')}`);
