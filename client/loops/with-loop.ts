import type { Client } from '@temporalio/client';
import { openClient, targetOf, type ServerFlags } from '../backend/connection.ts';
import { dataDirectory } from '../../store/data-directory.ts';
import { findLoop } from './loops.ts';

export type FoundLoop = Awaited<ReturnType<typeof findLoop>> & { client: Client };

/** Finds the named loop, or the only open one, and closes the connection after. */
export async function withLoop<T>(
  id: string | undefined,
  flags: ServerFlags,
  use: (loop: FoundLoop) => Promise<T>,
): Promise<T> {
  const client = await openClient(targetOf(flags, dataDirectory(flags.data)));
  try {
    return await use({ client, ...(await findLoop(client, id)) });
  } finally {
    await client.connection.close();
  }
}
