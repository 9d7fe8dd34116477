import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exampleKey, startMerchant } from '../../examples/merchant/server.ts';

const script = fileURLToPath(new URL('../../production/debug-endpoint.ts', import.meta.url));
let merchant: Awaited<ReturnType<typeof startMerchant>>;
beforeAll(async () => {
  merchant = await startMerchant({ key: exampleKey });
});
afterAll(() => merchant.stop());

/** `npm run debug-endpoint -- …` with this environment. */
const debug = (args: string[], env: Record<string, string>) =>
  new Promise<{ code: number; output: string }>((resolve) => {
    const child = execFile(process.execPath, [script, ...args], { env: { PATH: process.env.PATH, NO_COLOR: '1', ...env } }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
const allowed = { MERCHANT_KEY: exampleKey, STEWARD_ALLOW_PRIVATE_ENDPOINTS: 'true' };

test.concurrent('the terminal tells of each kind of call and whether all is well, and never shows the key (PRD-7)', async () => {
  const { code, output } = await debug([`${merchant.url}/produce`, 'V2'], allowed);
  expect(output).toContain('all 10 calls succeeded');
  for (const activity of ['newInstance', 'queryInstance', 'refreshInstance', 'expireInstance', 'upgradeInstance', 'releaseInstance'])
    expect(output).toMatch(new RegExp(`✓ ${activity} 000000`));
  // a repetition is told apart from the first
  expect(output).toMatch(/✓ newInstance 000000 \([\s\S]*✓ newInstance 000000 重复发送 sent again \(/);
  expect(output).not.toContain(exampleKey);
  expect(code).toBe(0);
});

test.concurrent('what is wrong is said in both languages, and the exit says so, too (PRD-7, PRD-8)', async () => {
  const [wrongKey, notAllowed, nothing] = await Promise.all([
    debug([merchant.url, 'V1'], { ...allowed, MERCHANT_KEY: 'another-key' }),
    debug([merchant.url, 'V1'], { MERCHANT_KEY: exampleKey }),
    debug([], {}),
  ]);
  expect(wrongKey.output).toMatch(/✗ newInstance 000001[\s\S]*signed: activity=newInstance[\s\S]*were not sent/);
  expect(notAllowed.output).toMatch(/✗ newInstance ADDRESS_NOT_HTTPS[\s\S]*HTTPS[\s\S]*set STEWARD_ALLOW_PRIVATE_ENDPOINTS=true/);
  expect(nothing.output).toContain('npm run debug-endpoint -- <url>');
  expect([wrongKey.code, notAllowed.code, nothing.code]).toEqual([1, 1, 2]);
});
