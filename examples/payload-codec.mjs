import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/*
 * A payload codec for "payloadCodec" in a worker's settings: AES-256-GCM by the key in KARPATHY_LOOP_KEY,
 * 64 hexadecimal digits (openssl rand -hex 32), which worker and commands need in their environment.
 */
const key = Buffer.from(process.env.KARPATHY_LOOP_KEY ?? '', 'hex');
if (key.length !== 32) throw new Error('KARPATHY_LOOP_KEY is not set to 64 hexadecimal digits');
const encoding = Buffer.from('binary/aes-256-gcm');

export default {
  async encode(payloads) {
    return payloads.map(({ metadata, data }) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const texts = Object.entries(metadata ?? {}).map(([name, value]) => [
        name,
        Buffer.from(value).toString('base64'),
      ]);
      const plain = JSON.stringify({
        metadata: Object.fromEntries(texts),
        data: Buffer.from(data ?? []).toString('base64'),
      });
      const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
      return { metadata: { encoding }, data: Buffer.concat([nonce, cipher.getAuthTag(), sealed]) };
    });
  },
  async decode(payloads) {
    return payloads.map((payload) => {
      if (!payload.metadata?.encoding || !encoding.equals(payload.metadata.encoding)) return payload;
      const data = Buffer.from(payload.data);
      const cipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, 12)).setAuthTag(data.subarray(12, 28));
      const plain = JSON.parse(Buffer.concat([cipher.update(data.subarray(28)), cipher.final()]).toString());
      const bytes = Object.entries(plain.metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')]);
      return { metadata: Object.fromEntries(bytes), data: Buffer.from(plain.data, 'base64') };
    });
  },
};
