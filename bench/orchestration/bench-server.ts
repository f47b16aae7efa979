import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startDevServer, type DevServer } from '../../client/backend/dev-server.ts';

export interface BenchServer {
  /** Directory of the bench; the server's database lies in its "server". */
  scratch: string;
  server: DevServer;
  client: Client;
  /** Ends the server and removes the directory. */
  end: () => Promise<void>;
}

/** A dev server of its own with a database file and lifted poll limits. @param address preferred; another port where it is taken */
export async function openBenchServer(address: string): Promise<BenchServer> {
  const scratch = mkdtempSync('/var/tmp/karpathy-loop-bench-');
  chmodSync(scratch, 0o755);
  mkdirSync(join(scratch, 'server'));
  const server = await startDevServer(join(scratch, 'server'), address);
  const connection = await Connection.connect({ address: server.address });
  return {
    scratch,
    server,
    client: new Client({ connection }),
    async end() {
      await connection.close();
      await server.stop();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
