import type { AdoptionProgress } from '../domain/adoption/adoption.ts';
import { noSelves, type Selves } from '../domain/adoption/selves.ts';
import { readJson, writeAtomically } from './files.ts';
import { dataPaths } from './layout.ts';

/** An order of this machine's owner; nobody who only reaches the server can write it. */
export interface AdoptionOrder {
  repository: string;
  commit: string;
  /** Time that the new build must work without a crash, in seconds. */
  trialSeconds: number;
  /** Iterations of open loops that must end on it meanwhile. */
  iterations: number;
  /** The loop that it comes from by the owner's settings; absent where a person typed it. */
  by?: string;
  /** Absent until its first step has passed. */
  progress?: AdoptionProgress;
}

export async function readSelves(data: string): Promise<Selves> {
  return (await readJson<Selves>(dataPaths(data).selves)) ?? noSelves;
}

export function writeSelves(data: string, selves: Selves): Promise<void> {
  return writeAtomically(dataPaths(data).selves, `${JSON.stringify(selves)}\n`);
}

/** @returns null where nobody has ordered any */
export function readOrder(data: string): Promise<AdoptionOrder | null> {
  return readJson<AdoptionOrder>(dataPaths(data).adoption);
}

export function writeOrder(data: string, order: AdoptionOrder): Promise<void> {
  return writeAtomically(dataPaths(data).adoption, `${JSON.stringify(order)}\n`);
}
