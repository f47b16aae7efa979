/** Parses one text after the other. A text for which its memory does not suffice ends the process. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import treeSitter from '@vscode/tree-sitter-wasm';
import { readNormalForm } from './normal-form.ts';
import { readNames } from './read-names.ts';
import { readFunctions } from './read-functions.ts';
import { readTests } from './read-tests.ts';

const { Language, Parser } = treeSitter;
const files = dirname(createRequire(import.meta.url).resolve('@vscode/tree-sitter-wasm'));
const grammars = new Map();
/** In pages of 64 KiB: 32 MiB at first, 512 MiB at most. */
const wasmMemory = new WebAssembly.Memory({ initial: 512, maximum: 8192 });
await Parser.init({ wasmMemory, printErr: () => {} });

process.on('message', async ({ language, text, isForm, areNames }) => {
  const path = join(files, `tree-sitter-${language}.wasm`);
  if (!grammars.has(language)) grammars.set(language, await Language.load(path));
  const parser = new Parser();
  parser.setLanguage(grammars.get(language));
  const tree = parser.parse(text);
  const source = { language, text };
  process.send(
    isForm
      ? { form: readNormalForm(tree) }
      : areNames
        ? { names: readNames(tree) }
        : { language, ...readFunctions(tree, source), tests: readTests(tree, source) },
  );
  tree.delete();
  parser.delete();
});
process.send('ready');
