import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { matchesGlob } from '../../../adapters/glob.ts';
import { noGrants, writeRunSettings, type AllowFlags } from '../../../client/loops/run-settings.ts';
import { splitWords } from '../../../client/terminal/words.ts';
import { parseWorkerSettings, type WorkerSettings } from '../../../domain/config/worker-settings.ts';
import { createDataDirectory } from '../../support/server/worker-process.ts';

describe('writeRunSettings', () => {
  let data: ReturnType<typeof createDataDirectory>;
  beforeEach(() => void (data = createDataDirectory()));
  afterEach(() => data.remove());

  function settings(repository: string, flags: Partial<AllowFlags> = {}): WorkerSettings {
    const parsed = parseWorkerSettings(
      JSON.parse(readFileSync(writeRunSettings(data.path, repository, { ...noGrants, ...flags }), 'utf8')),
    );
    if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
    return parsed.value;
  }

  it('lets in the repository and nothing else', () => {
    expect(settings('/srv/a')).toMatchObject({
      repositories: ['/srv/a'],
      commandSources: {},
      readOnlyPaths: {},
      devices: {},
      environment: [],
      guards: {},
      setupNetwork: false,
      outsideCheck: false,
      unsandboxed: false,
    });
  });

  it("lets in a repository with a glob's characters in its name, and no other that the glob would match", () => {
    const [glob = ''] = settings('/srv/a[1]*(x)').repositories;
    expect(matchesGlob('/srv/a[1]*(x)', glob)).toBe(true);
    expect(matchesGlob('/srv/a1(x)', glob)).toBe(false);
  });

  it('adds what the flags say', () => {
    const flags = {
      commandSource: ["mine=./propose.sh --style 'very bold'", 'list=["node","a b.mjs"]'],
      allowReadOnly: ['data=corpus'],
      allowDevice: ['gpu=/dev/nvidia0'],
      allowEnvironment: ['TOKEN'],
      allowGuard: ['hidden=held-out:node --test "$GUARD": all'],
      checkOutside: true as const,
      tool: ['cargo'],
      allowSetupNetwork: true as const,
      ollamaHost: '0.0.0.0',
    };
    expect(settings('/srv/a', flags)).toMatchObject({
      commandSources: {
        mine: { command: [resolve('propose.sh'), '--style', 'very bold'] },
        list: { command: ['node', 'a b.mjs'] },
      },
      readOnlyPaths: { data: resolve('corpus') },
      devices: { gpu: '/dev/nvidia0' },
      environment: ['TOKEN'],
      guards: { hidden: { directory: resolve('held-out'), command: 'node --test "$GUARD": all' } },
      outsideCheck: true,
      tools: ['node', 'npm', 'npx', 'cargo'],
      setupNetwork: true,
      ollamaHost: 'http://127.0.0.1:11434',
    });
  });

  it.each(['hidden', 'hidden=held-out', 'hidden=held-out:', 'hidden=:node', '=held-out:node'])(
    'refuses the guard %j',
    (guard) => {
      expect(() => settings('/srv/a', { allowGuard: [guard] })).toThrow(
        /^--allow-guard: ".*" (has no name; give name=value|is not directory:command; give one such as)/,
      );
    },
  );

  it("keeps the owner's own file as it is and starts from it; the run before leaves nothing", () => {
    const own = join(data.path, 'settings.json');
    writeFileSync(own, '{"environment": ["OWN"], "repositories": ["/srv/own/**"]}');
    settings('/srv/a', { allowEnvironment: ['ONCE'] });
    expect(settings('/srv/b')).toMatchObject({ environment: ['OWN'], repositories: ['/srv/own/**', '/srv/b'] });
    expect(readFileSync(own, 'utf8')).toBe('{"environment": ["OWN"], "repositories": ["/srv/own/**"]}');
  });
});

describe('splitWords', () => {
  it.each([
    ['a  b\tc', ['a', 'b', 'c']],
    [`a 'b c' "d \\"e\\" $f" g\\ h`, ['a', 'b c', 'd "e" $f', 'g h']],
    [`x''y ""`, ['xy', '']],
    ['', []],
    [`a 'b`, undefined],
    ['a\\', undefined],
  ])('splits %j', (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });
});
