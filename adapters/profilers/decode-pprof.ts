import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import type { PprofProfile } from '../../domain/profiles/pprof.ts';

/** Decodes a profile in pprof's format. @param maxBytes most that an honest one unzips to @throws where it is none */
export function decodePprof(bytes: Uint8Array, maxBytes: number): PprofProfile {
  const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return Profile.decode(isZipped ? gunzipSync(bytes, { maxOutputLength: maxBytes }) : bytes);
}
