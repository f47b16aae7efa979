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
  if (!settings.repositories.some((glob) => matches(repository, glob)))
    refuse('repository', repository, 'repositories');
  const resolve = (field: string, setting: string, names: string[], allowed: Record<string, string>) =>
    names.flatMap((name) => {
      if (Object.hasOwn(allowed, name)) return [allowed[name]!];
      refuse(field, name, setting);
      return [];
    });
  const readOnlyPaths = resolve('sandbox.readOnly', 'readOnlyPaths', config.sandbox.readOnly, settings.readOnlyPaths);
  const devices = resolve('sandbox.devices', 'devices', config.sandbox.devices, settings.devices);
  for (const name of config.sandbox.environment)
    if (!settings.environment.includes(name)) refuse('sandbox.environment', name, 'environment');
  const { command } = config.hypothesis;
  const known = command !== undefined && Object.hasOwn(settings.commandSources, command);
  if (command !== undefined && !known) refuse('hypothesis.command', command, 'commandSources');
  const guard =
    config.guard !== undefined && Object.hasOwn(settings.guards, config.guard) ? settings.guards[config.guard]! : null;
  if (config.guard !== undefined && !guard) refuse('guard', config.guard, 'guards');
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    value: {
      commandSource: known ? settings.commandSources[command]! : null,
      guard,
      readOnlyPaths,
      devices,
      environment: config.sandbox.environment,
    },
  };
}
