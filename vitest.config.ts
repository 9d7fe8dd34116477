import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/stack.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // what is waited for comes; how soon is for the machine
    expect: { poll: { timeout: 20_000 } },
    pool: 'forks',
    maxWorkers: 2,
    isolate: false,
  },
});
