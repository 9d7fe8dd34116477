import { readFileSync } from 'node:fs';
import { exampleKey, examplePort, startMerchant } from './server.ts';

/** The example merchant alone: PORT, MERCHANT_KEY, MERCHANT_STATE (a JSON file), MERCHANT_TLS_KEY and MERCHANT_TLS_CERT (PEM files). */
const { PORT = String(examplePort), MERCHANT_KEY = exampleKey, MERCHANT_STATE, MERCHANT_TLS_KEY, MERCHANT_TLS_CERT } = process.env;
const tls = MERCHANT_TLS_KEY && MERCHANT_TLS_CERT ? { key: readFileSync(MERCHANT_TLS_KEY, 'utf8'), cert: readFileSync(MERCHANT_TLS_CERT, 'utf8') } : undefined;

const { url, stop } = await startMerchant({ port: Number(PORT), key: MERCHANT_KEY, stateFile: MERCHANT_STATE, tls });
console.log(
  `example merchant at ${url}, its Key is ${process.env.MERCHANT_KEY ? 'MERCHANT_KEY' : MERCHANT_KEY}; look at ${url}/_instances, ${url}/_calls, ${url}/_effects`,
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop().then(() => process.exit(0)));
