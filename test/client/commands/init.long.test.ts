import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import { quoteWords } from '../../../domain/text.ts';
import { call } from '../../support/command-line.ts';
import { createRepository, type TestRepository } from '../../support/repository/repository.ts';
import { describeWithServer } from '../../support/server/describe-with-server.ts';
import { useWorkbench } from '../../support/workbench.ts';

const hasGo = findOnPath('go') !== null;

/** A package of Node.js as many are: CommonJS, line ends of Windows, a lower directory with a blank in its name. */
const node = {
  'my pkg/package.json':
    '{\r\n  "name": "words",\r\n  "main": "lib/index.js",\r\n  "scripts": { "test": "node --test" }\r\n}\r\n',
  'my pkg/lib/index.js': `exports.parse = (text) => {
  let found = [];
  for (const part of text.split('&')) found = [...found, part.split('=')];
  return found;
};
`,
  'my pkg/test/index.test.js': `const { parse } = require('../lib/index.js');
const assert = require('node:assert');
const { test } = require('node:test');
test('parses', () => {
  const input = 'a=1&b=2&c=3';
  assert.deepEqual(parse(input)[1], ['b', '2']);
});
`,
};
const go = {
  'go.mod': 'module words\n\ngo 1.21\n',
  'words.go': `package words

type Words struct{ text string }

func (w Words) Count() (n int) {
	for i := 0; i < 20000; i++ {
		for _, one := range w.text {
			if one == ' ' {
				n++
			}
		}
	}
	return n
}
`,
  'words_test.go': `package words

import "testing"

func TestCount(t *testing.T) {
	if (Words{"a b c"}).Count() != 40000 {
		t.Fail()
	}
}
`,
};

describeWithServer('karpathy-loop init', () => {
  const bench = useWorkbench();
  let repository: TestRepository;
  afterEach(async () => {
    await call(['down', '--data', bench.data.path]);
    await repository.remove();
  });

  const server = () => ['--address', bench.server.address, '--data', bench.data.path];
  const init = (path: string, ...flags: string[]) => call(['init', path, ...server(), ...flags]);

  it.each<[string, Record<string, string>, string, RegExp]>([
    ['Node.js', node, 'my pkg', /^node bench\/karpathy-loop\.mjs \d+$/],
    ...(hasGo
      ? [['Go', go, '.', /^\.\/\.tests\/top\.test -test\.count=\d+$/] satisfies [string, object, string, RegExp]]
      : []),
  ])(
    'leads from a package of %s to the first verdict by the command that it prints',
    async (_, files, below, command) => {
      repository = await createRepository(files);
      const directory = join(repository.path, below);
      const { code, stdout, stderr } = await init(directory, '--yes');
      expect([code, stderr], stdout).toEqual([0, '']);
      expect(stdout).toMatch(
        /^ok {7}profile {3}\d+ % of the benchmark's time is in editable files and what they call: /m,
      );
      // The source of the test is no model.
      expect(stdout).toMatch(/^first {5}ollama pull /m);
      const config = JSON.parse(await readFile(join(directory, 'loop.json'), 'utf8')) as {
        benchmark: { command: string };
      };
      expect(config.benchmark.command).toMatch(command);
      const [, next = ''] = /^next {6}npx karpathy-loop (run .*)$/m.exec(stdout) ?? [];
      const words = [...next.matchAll(/'([^']*)'|\S+/g)].map(([all, text]) => text ?? all);
      const file = Object.keys(files).find((path) => /index\.js$|words\.go$/.test(path))!;
      const text = `${files[file]!}\n${file.endsWith('.go') ? 'var more = 1' : 'exports.more = 1;'}\n`;
      await writeFile(
        join(bench.data.path, 'more.json'),
        JSON.stringify({ title: 'Say more', edits: [{ file, content: text }] }),
      );
      const flags = ['--iterations', '1', '--source', 'command', '--command', 's'];
      const grant = ['--command-source', `s=cat ${join(bench.data.path, 'more.json')}`];
      const ran = await call([...words, ...flags, ...grant]);
      expect(ran.code, ran.stdout + ran.stderr).toBe(0);
      expect(ran.stdout).toMatch(/rolledBack: (below-bar|slower|undecided)/);
    },
  );

  it('refuses by one line for each thing that is missing, and writes nothing', async () => {
    repository = await createRepository({ 'package.json': '{"name":"a","main":"a.js"}', 'a.js': '' });
    const { code, stderr } = await init(repository.path, '--yes');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: test: no tests of JavaScript were found; .*\n.*benchmark: there is none, /);
    expect(await repository.git('status', '--short')).toBe('');
  });

  it('asks where nobody can answer by the command that means yes, and leaves a loop.json as it is', async () => {
    repository = await createRepository(node);
    const directory = join(repository.path, 'my pkg');
    const asked = await init(directory);
    expect([asked.code, asked.stderr]).toEqual([
      1,
      `error: init: nothing was written, since this is no terminal to ask on; type: npx karpathy-loop init '${directory}' --yes ${quoteWords(server())}\n`,
    ]);
    await writeFile(join(directory, 'loop.json'), '{}');
    expect((await init(directory, '--yes')).stderr).toContain('loop.json: is there already in');
    expect(await readFile(join(directory, 'loop.json'), 'utf8')).toBe('{}');
    await rm(join(directory, 'loop.json'));
    await mkdir(join(directory, 'bench'));
    await writeFile(join(directory, 'bench', 'karpathy-loop.mjs'), '1');
    expect((await init(directory, '--yes')).stderr).toContain(
      'bench/karpathy-loop.mjs: is there already and not committed',
    );
  });
});
