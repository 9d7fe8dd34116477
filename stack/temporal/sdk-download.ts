// node sdk-download.ts DIR: has the SDK download its dev server into DIR, starts it once and stops it.
// @temporalio/testing is a development dependency, so it is loaded here only.
const { TestWorkflowEnvironment } = await import('@temporalio/testing');

const downloadDir = process.argv[2] as string;
const environment = await TestWorkflowEnvironment.createLocal({
  server: { executable: { type: 'cached-download', downloadDir, ttl: '3650d' } },
});
await environment.teardown();
process.exit(0);

export {};
