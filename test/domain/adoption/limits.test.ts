import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../../adapters/glob.ts';
import { sourceFacts } from '../../../adapters/parsers/parse.ts';
import { limitProblems, type FileChange } from '../../../domain/adoption/limits.ts';

const before = `import { join } from 'node:path';
import { line } from '../text.ts';
export const name = (path: string) => line(join(path, 'x'));
`;

/** What the limits say of a file whose text becomes another one. */
async function problemsOf(path: string, after: string | null, more: Partial<FileChange> = {}): Promise<string[]> {
  const facts = after === null ? null : ((await sourceFacts(path, after)) ?? ('unreadable' as const));
  const change = {
    path,
    mode: after === null ? null : '100644',
    before: await sourceFacts(path, before),
    after: facts,
  };
  return limitProblems([{ ...change, ...more }], matchesGlob);
}

describe('a build that takes another one’s place', () => {
  const path = 'domain/proposal/name.ts';

  it.each([
    ['other code', before.replace("'x'", "'y'.trim()")],
    ['pure code', `import { gain } from '../verdict/gain.ts';\n${before}`],
    ['a harmless module of Node.js', `import { inspect } from 'node:util';\n${before}`],
    ['plain escapes', before.replace("'x'", "'a\\n\\'b\\''")],
    ['a word in a comment', `// A process of its own may fetch it.\n${before}`],
  ])('may have %s', async (_, after) => {
    expect(await problemsOf(path, after)).toEqual([]);
  });

  it.each<[string, string, string]>([
    ['files', "import { rmSync } from 'node:fs';", 'imports "node:fs" anew'],
    ['files by the short name', "import fs from 'fs';", 'imports "fs" anew'],
    ['processes', "import { exec } from 'node:child_process';", 'imports "node:child_process" anew'],
    ['threads', "export * from 'node:worker_threads';", 'imports "node:worker_threads" anew'],
    ['the network', "const net = await import('node:net');", 'imports "node:net" anew'],
    ['the web', "import https = require('https');", 'imports "https" anew'],
    ['a machine of its own', "const vm = require('node:vm');", 'imports "node:vm" anew'],
    ['a module by a computed name', "const it = await import('node:' + 'fs');", 'imports "(computed)" anew'],
    ['a package', "import { execa } from 'execa';", 'imports "execa" anew'],
    [
      'another room',
      "import { runOutside } from '../../adapters/adoption/run-outside.ts';",
      'adapters/adoption/run-outside.ts" anew',
    ],
    ['a path out of the product', "import x from '../../../other.ts';", 'imports "../../../other.ts" anew'],
    [
      'another room by dots that a URL decodes',
      "import '../%2e%2e/adapters/adoption/run-outside.ts';",
      'imports "../%2e%2e/adapters/adoption/run-outside.ts" anew',
    ],
    ['another room by backslashes', "import '../..\\\\..\\\\adapters\\\\lock.ts';", 'adapters'],
    ['another room by tabs that a URL drops', "import './.\\t./.\\t./adapters/lock.ts';", 'adapters/lock.ts" anew'],
    ['a second copy of a module', "import { line as other } from '../text.ts?x';", 'imports "../text.ts?x" anew'],
    ['the rules that bind it', "import { selfEditable } from '../adoption/editable.ts';", 'adoption/editable.ts" anew'],
    ['budgets and permissions', "import { planSchema } from '../config/plan.ts';", 'config/plan.ts" anew'],
    ['code from text by a library', 'const made = new z.core.Doc().compile();', 'uses "Doc" anew'],
    ['a file that is no source', "import x from './x.wasm';", 'imports "./x.wasm" anew'],
    ['a socket by the console', 'const socket = console._stdout;', 'uses "console" anew'],
    ['functions of a call', 'Error.prepareStackTrace = (_, frames) => frames;', 'uses "prepareStackTrace" anew'],
    ['what other code calls', "Object.defineProperty(Math, 'log', {});", 'uses "defineProperty" anew'],
    ['the process behind a line end', '// it\u2028process.exit(0);', 'uses "process" anew'],
    ['the process', 'process.exit(0);', 'uses "process" anew'],
    ['the process by another name', "const p = globalThis['pro' + 'cess'];", 'uses "globalThis" anew'],
    ['built-in modules without an import', "const fs = it.getBuiltinModule('fs');", 'uses "getBuiltinModule" anew'],
    ['code from text', "eval('1');", 'uses "eval" anew'],
    ['code from text by a constructor', "const f = (() => 1).constructor('return 1');", 'uses "constructor" anew'],
    ['the same by its short form', 'const { constructor } = it;', 'uses "constructor" anew'],
    ['the same in quotes', "const f = (() => 1)['constructor']('return 1');", 'uses "constructor" anew'],
    ['a request', "await fetch('http://x');", 'uses "fetch" anew'],
    ['the loader', 'const where = import.meta.url;', 'uses "import.meta" anew'],
    ['a name in escapes', 'pr\\u006fcess.exit(0);', 'uses "pr\\\\u006fcess" anew'],
    ['code from text by a name in escapes', "const f = it['con\\structor'];", 'uses "\\\\s" anew'],
    ['text that cannot be parsed', 'const = {', 'cannot be parsed'],
  ])('may not reach for %s', async (_, added, problem) => {
    expect((await problemsOf(path, `${before}${added}\n`)).join('\n')).toContain(problem);
  });

  it('may keep what a file has already, and not give it to another one', async () => {
    const running = "import { rm } from 'node:fs/promises';\nexport const clear = () => rm('x');\n";
    const known = await sourceFacts(path, running);
    expect(await problemsOf('client/terminal/clear.ts', `${running}\nconst more = 1;\n`, { before: known })).toEqual(
      [],
    );
    expect(await problemsOf('client/terminal/new.ts', running, { before: null })).toEqual([
      'client/terminal/new.ts: imports "node:fs/promises" anew',
    ]);
  });

  it.each([
    ['a dependency or a script', 'package.json'],
    ['what the packages are', 'package-lock.json'],
    ['what types and loader do', 'tsconfig.json'],
    ['how it is built', 'scripts/build.mjs'],
    ['what is built already', 'dist/worker/worker.js'],
    ['a package itself', 'node_modules/zod/index.js'],
    ['a test', 'test/domain/text.test.ts'],
    ['a benchmark', 'bench/live/run.ts'],
    ['its own editable set and budget', 'examples/self/loop.json'],
    ['what the config may say', 'domain/config/loop-config.ts'],
    ['permissions of a worker', 'domain/config/worker-settings.ts'],
    ['the sandbox', 'adapters/sandbox/bubblewrap/arguments.ts'],
    ['the verdict', 'domain/verdict/decision.ts'],
    ['what is protected', 'domain/protection/protected-files.ts'],
    ['the order of the steps', 'workflows/machine.ts'],
    ['how records are kept', 'ledger/ledger.ts'],
    ['the rules of adoption', 'domain/adoption/limits.ts'],
    ['who keeps the worker', 'client/adoption/kept-self.ts'],
    ['the worker', 'worker/worker.ts'],
    ['a program that no parser reads', 'adapters/models/embedded-engine.mjs'],
    ['what runs on every commit', '.ci/run'],
  ])('may not change %s', async (_, never) => {
    expect(await problemsOf(never, before, { before: await sourceFacts(path, before) })).toHaveLength(1);
    expect(await problemsOf(never, null)).toHaveLength(1);
  });

  it('may not be a link or a program', async () => {
    expect(await problemsOf(path, before, { mode: '120000' })).toEqual([
      `${path}: has mode 120000; plain files alone may change`,
    ]);
    expect(await problemsOf(path, before, { mode: '100755' })).toHaveLength(1);
  });

  it('may not be a submodule, whose files nobody compares', async () => {
    expect(await problemsOf(path, null, { mode: '160000' })).toEqual([
      `${path}: has mode 160000; plain files alone may change`,
    ]);
  });

  it.each(['Form.ts', 'form\u200b.ts', 'form.test.ts', '\u001b[2Jx.ts', 'a\nb.ts', 'a b.ts'])(
    'may not be named %j',
    async (name) => {
      const problems = await problemsOf(`domain/proposal/${name}`, before, { before: null });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(/^domain\/proposal\/.*: has a name of other characters/);
      expect(problems[0]).not.toMatch(/\p{C}/u);
    },
  );
});
