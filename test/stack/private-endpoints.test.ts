import { expect, test } from 'vitest';
import { readConfig } from '../../config.ts';

test('private endpoints are off unless asked for, and never in production (PRD-8)', () => {
  expect(readConfig({}).allowPrivateEndpoints).toBe(false);
  expect(readConfig({ STEWARD_ALLOW_PRIVATE_ENDPOINTS: 'true' }).allowPrivateEndpoints).toBe(true);
  expect(() => readConfig({ NODE_ENV: 'production', STEWARD_ALLOW_PRIVATE_ENDPOINTS: 'true' })).toThrow(
    /STEWARD_ALLOW_PRIVATE_ENDPOINTS: expected false in production/,
  );
});
