import { pathToFileURL } from 'node:url';
import type { DataConverter } from '@temporalio/client';

type PayloadCodec = NonNullable<DataConverter['payloadCodecs']>[number];

/** Codecs by which workers and clients encode and decode payloads. */
export interface Encoding {
  payloadCodecs: PayloadCodec[];
}

/**
 * Loads the module that a worker's settings name.
 * @returns nothing where none is named: payloads are then plain JSON
 * @throws Error where it is no codec
 */
export async function loadCodec(file: string | undefined): Promise<Encoding | undefined> {
  if (file === undefined) return undefined;
  const loaded = (await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw new Error(`payloadCodec: ${file} cannot be loaded (${(error as Error).message}); correct it`);
  })) as { default?: Partial<PayloadCodec> };
  const codec = loaded.default;
  if (typeof codec?.encode !== 'function' || typeof codec.decode !== 'function')
    throw new Error(`payloadCodec: ${file} has no codec; export one by default, with "encode" and "decode"`);
  return { payloadCodecs: [codec as PayloadCodec] };
}
