import { createHmac } from 'node:crypto';

const hmacHex = (key: string, data: string) => createHmac('sha256', key).update(data).digest('hex');

export type Signed = { nonce: string; timestamp: string; body: string };

/** V2, in the query: over the body's own HMAC in lower-case hex. */
export const v2Signature = (accessKey: string, { nonce, timestamp, body }: Signed): string =>
  hmacHex(accessKey, `${accessKey}${nonce}${timestamp}${hmacHex(accessKey, body)}`);

/** Kit V2, header x-sign: over the body itself. */
export const kitV2Signature = (accessKey: string, { nonce, timestamp, body }: Signed): string => hmacHex(accessKey, `${accessKey}${nonce}${timestamp}${body}`);
