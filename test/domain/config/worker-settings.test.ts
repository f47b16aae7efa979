import { describe, expect, it } from 'vitest';
import { grantAccess } from '../../../domain/config/grants.ts';
import { parseLoopConfig } from '../../../domain/config/parse-loop-config.ts';
import { parseWorkerSettings, type WorkerSettings } from '../../../domain/config/worker-settings.ts';

function settings(input: unknown): WorkerSettings {
  const parsed = parseWorkerSettings(input);
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return parsed.value;
}

function config(part: object) {
  const parsed = parseLoopConfig({
    repository: '/r',
    editable: ['**'],
    test: 't',
    benchmark: { command: 'b' },
    ...part,
  });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return parsed.value;
}

const equal = (path: string, glob: string) => path === glob;

describe('parseWorkerSettings', () => {
  it('lets nothing in by default', () => {
    expect(settings({})).toMatchObject({
      repositories: [],
      commandSources: {},
      readOnlyPaths: {},
      devices: {},
      environment: [],
      setupNetwork: false,
      unsandboxed: false,
    });
  });

  it('refuses an unknown field and a device outside /dev', () => {
    const parsed = parseWorkerSettings({ repositorys: [], devices: { gpu: '/etc/shadow' } });
    expect(parsed.ok ? [] : parsed.problems.sort()).toEqual([
      expect.stringMatching(/^devices\.gpu: must lie in \/dev/),
      expect.stringMatching(/^repositorys: unknown field; known here: .*repositories/),
    ]);
  });
});

describe('grantAccess', () => {
  const asked = {
    hypothesis: { source: 'command', command: 'mine' },
    sandbox: { readOnly: ['data'], devices: ['gpu'], environment: ['TOKEN'] },
  };

  it.each([
    ['repository', 'repositories'],
    ['hypothesis.command', 'commandSources'],
    ['sandbox.readOnly', 'readOnlyPaths'],
    ['sandbox.devices', 'devices'],
    ['sandbox.environment', 'environment'],
  ])('refuses a %s that the worker does not allow, by name', (field, setting) => {
    const granted = grantAccess(config(asked), '/r', settings({}), equal);
    const line = granted.ok ? '' : granted.problems.find((problem) => problem.startsWith(`${field}:`));
    expect(line).toContain(`add it to "${setting}"`);
  });

  it("resolves names to what the worker's owner wrote", () => {
    const allowed = settings({
      repositories: ['/r'],
      commandSources: { mine: { command: ['/bin/x'] } },
      readOnlyPaths: { data: '/data' },
      devices: { gpu: '/dev/nvidia0' },
      environment: ['TOKEN'],
    });
    expect(grantAccess(config(asked), '/r', allowed, equal)).toMatchObject({
      ok: true,
      value: {
        commandSource: { command: ['/bin/x'] },
        readOnlyPaths: ['/data'],
        devices: ['/dev/nvidia0'],
        environment: ['TOKEN'],
      },
    });
  });

  it('does not take a name of the prototype for an allowed one', () => {
    const granted = grantAccess(
      config({ sandbox: { readOnly: ['constructor'] } }),
      '/r',
      settings({ repositories: ['/r'] }),
      equal,
    );
    expect(granted.ok).toBe(false);
  });
});
