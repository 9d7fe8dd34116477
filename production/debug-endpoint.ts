import { configOrExit } from '../config.ts';
import { debugEndpoint, linesOf } from './debug.ts';

/** npm run debug-endpoint URL [V1|V2]: test calls to a merchant's endpoint, its answers explained (PRD-7). MERCHANT_KEY signs them. */
const [url, generation = 'V1'] = process.argv.slice(2);
const key = process.env.MERCHANT_KEY;
if (!url || !key || (generation !== 'V1' && generation !== 'V2')) {
  console.error('expected: MERCHANT_KEY=<key> npm run debug-endpoint -- <url> [V1|V2]');
  process.exit(2);
}

// whoever pipes it to `head` has read enough; what was created at the merchant is still released
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.exit(1);
});

const { allowPrivateEndpoints: allowPrivate } = configOrExit();
const sent = new Set<string>();
const steps = await debugEndpoint(
  { url, key, generation },
  {
    allowPrivate,
    onStep: (step) => {
      console.log(linesOf(step, { isRepeat: sent.has(step.activity) }).join('\n'));
      sent.add(step.activity);
    },
  },
);
if (!allowPrivate && steps.some(({ code }) => code.startsWith('ADDRESS_')))
  console.log(
    '调试本机或内网地址（仅限开发）：设 STEWARD_ALLOW_PRIVATE_ENDPOINTS=true · For an address of your own machine or network (development only): set STEWARD_ALLOW_PRIVATE_ENDPOINTS=true',
  );
if (sent.size === 1) console.log('其余调用需要实例，未发送 · The other kinds of call need an instance, so they were not sent');
const failed = steps.filter(({ isOk }) => !isOk).length;
console.log(failed === 0 ? `${steps.length} 次调用全部成功 · all ${steps.length} calls succeeded` : `${failed}/${steps.length} 次调用失败 · failed`);
process.exitCode = failed === 0 ? 0 : 1;
