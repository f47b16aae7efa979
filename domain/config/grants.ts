import type { LoopConfig } from './loop-config.ts';
import type { ParseResult } from './problems.ts';
import type { WorkerSettings } from './worker-settings.ts';

/** Resolves the names that a loop asked for: the things that it may use on this worker. */
export interface Grants {
  commandSource: WorkerSettings['commandSources'][string] | null;
  guard: WorkerSettings['guards'][string] | null;
  readOnlyPaths: string[];
  devices: string[];
  environment: string[];
}

/**
 * Checks a loop's wishes against the worker's settings; one line per refusal.
 * @param repository its real path, or its URL as it is
 */
export function grantAccess(
  config: LoopConfig,
  repository: string,
  settings: WorkerSettings,
  matches: (path: string, glob: string) => boolean,
): ParseResult<Grants> {
  const problems: string[] = [];
  const refuse = (field: string, asked: string, setting: string) =>
    void problems.push(
      `${field}: "${asked}" is not allowed by this worker; its owner can add it to "${setting}" in the worker's settings`,
    );
  const resolve = <T>(
    field: string,
    setting: string,
    names: readonly (string | undefined)[],
    allowed: Record<string, T>,
  ) =>
    names.flatMap((name) => {
      if (name === undefined) return [];
      if (Object.hasOwn(allowed, name)) return [allowed[name]!];
      refuse(field, name, setting);
      return [];
    });
  if (!settings.repositories.some((glob) => matches(repository, glob)))
    refuse('repository', repository, 'repositories');
  const { sandbox, hypothesis, guard } = config;
  const variables = Object.fromEntries(settings.environment.map((name) => [name, name]));
  const readOnlyPaths = resolve('sandbox.readOnly', 'readOnlyPaths', sandbox.readOnly, settings.readOnlyPaths);
  const devices = resolve('sandbox.devices', 'devices', sandbox.devices, settings.devices);
  const environment = resolve('sandbox.environment', 'environment', sandbox.environment, variables);
  const [commandSource = null] = resolve(
    'hypothesis.command',
    'commandSources',
    [hypothesis.command],
    settings.commandSources,
  );
  const [guardTests = null] = resolve('guard', 'guards', [guard], settings.guards);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: { commandSource, guard: guardTests, readOnlyPaths, devices, environment } };
}
