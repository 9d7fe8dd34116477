import { configOrExit } from '../config.ts';
import { debugEndpoint, linesOf } from './debug.ts';

/** npm run debug-endpoint URL [V1|V2]: test calls to a merchant's endpoint, its answers explained (PRD-7). MERCHANT_KEY signs them. */
const [url, generation = 'V1'] = process.argv.slice(2);
const key = process.env.MERCHANT_KEY;
if (!url || !key || (generation !== 'V1' && generation !== 'V2')) {
  console.error('expected: MERCHANT_KEY=<key> npm run debug-endpoint -- <url> [V1|V2]');
  process.exit(2);
}

const steps = await debugEndpoint(
  { url, key, generation },
  { allowPrivate: configOrExit().allowPrivateEndpoints, onStep: (step) => console.log(linesOf(step).join('\n')) },
);
const failed = steps.filter(({ isOk }) => !isOk).length;
console.log(failed === 0 ? `${steps.length} 次调用全部成功 · all ${steps.length} calls succeeded` : `${failed}/${steps.length} 次调用失败 · failed`);
process.exitCode = failed === 0 ? 0 : 1;
