import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import { ownFile } from '../adapters/own-files.ts';

/** A version of the workers of a deployment, as Temporal's Worker Versioning names it. */
export interface DeploymentVersion {
  deploymentName: string;
  buildId: string;
}

/** Tells if the version takes new loops; `set`: this worker made it current, as there was no current one. */
export type Currency = 'set' | 'current' | 'not current';

/** gRPC's status codes. */
const transient = { notFound: 5, failedPrecondition: 9, unavailable: 14 };
/** Limit for the server to learn of a version that polls. */
const currencyTimeoutMs = 60_000;

/**
 * Returns the version of this code: the package's, and a digest of all that histories are replayed by.
 * @throws Error where the name is invalid
 */
export function versionIn(deploymentName: string): DeploymentVersion {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(deploymentName))
    throw new Error(`--deployment: "${deploymentName}" is no name; use letters, digits, "-" and "_"`);
  const { version, devDependencies } = JSON.parse(readFileSync(ownFile('package.json'), 'utf8')) as {
    version: string;
    devDependencies: Record<string, string>;
  };
  const hash = createHash('sha256');
  for (const name of ['@temporalio/workflow', 'xstate']) hash.update(`${name} ${devDependencies[name]}\n`);
  const directory = ownFile('workflows/');
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  for (const file of files.sort())
    hash
      .update(`${file}\0`)
      .update(readFileSync(`${directory}${file}`))
      .update('\0');
  return { deploymentName, buildId: `${version}-${hash.digest('hex').slice(0, 12)}` };
}

/** Options of a versioned worker; a workflow stays on the version that it began on. */
export function deploymentOptions(version: DeploymentVersion): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  return { workerDeploymentOptions: { useWorkerVersioning: true, version, defaultVersioningBehavior: 'PINNED' } };
}

/**
 * Makes the version current where its deployment has no current one: otherwise it gets no new workflow.
 * The worker must poll meanwhile: the server knows a version by its polls.
 */
export async function makeCurrentIfNone(
  { workflowService }: NativeConnection,
  namespace: string,
  version: DeploymentVersion,
): Promise<Currency> {
  const { deploymentName, buildId } = version;
  const deadline = Date.now() + currencyTimeoutMs;
  for (;;) {
    try {
      const question = { namespace, deploymentName };
      const { workerDeploymentInfo, conflictToken } = await workflowService.describeWorkerDeployment(question);
      const current = workerDeploymentInfo?.routingConfig?.currentDeploymentVersion;
      if (current?.buildId) return current.buildId === buildId ? 'current' : 'not current';
      // Another worker that does so at the same time makes the token stale, and is seen in the next round.
      await workflowService.setWorkerDeploymentCurrentVersion({ namespace, deploymentName, buildId, conflictToken });
      return 'set';
    } catch (error) {
      const { code, message } = error as { code?: number; message: string };
      if (Object.values(transient).some((one) => one === code) && Date.now() < deadline) {
        await sleep(250);
        continue;
      }
      const fact = `version ${buildId} of "${deploymentName}" cannot be made current (${message})`;
      throw new Error(`--deployment: ${fact}; see that the server has Worker Versioning`);
    }
  }
}

/** For people: how to let a version take all new loops, and those that may move to it. */
export function makeCurrentCommand({ deploymentName, buildId }: DeploymentVersion): string {
  const version = `--deployment-name ${deploymentName} --build-id ${buildId}`;
  return `temporal worker deployment set-current-version ${version} --ignore-missing-task-queues`;
}
