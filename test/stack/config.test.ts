import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ConfigError, readConfig, requireServers, variableNames } from '../../config.ts';

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('an empty environment is a development setup that needs nothing', () => {
  const config = readConfig({ STEWARD_DATA_DIR: '/data' });
  expect(config).toMatchObject({
    production: false,
    host: '127.0.0.1',
    port: 4000,
    databaseUrl: undefined,
    temporal: { connection: undefined, namespace: 'steward', way: undefined },
    files: { kind: 'disk', dir: '/data/files' },
    jwt: { kind: 'secret', generated: true },
    sandbox: true,
    drainSeconds: 10,
  });
});

test('every bad variable is named in one go, with what was expected and what to do', () => {
  const problems = problemsOf(() =>
    readConfig({
      PORT: '99999',
      DATABASE_URL: 'mysql://me:secret@host/db',
      LOG_LEVEL: 'loud',
      STEWARD_DRAIN_SECONDS: '-1',
      STEWARD_SANDBOX: 'maybe',
      FILES_S3_ACCESS_KEY_ID: 'half',
      STEWARD_JWT_SECRET: 'short',
    }),
  );
  expect(problems).toMatchInlineSnapshot(`
    [
      "PORT: expected a port from 1 to 65535, got "99999"; set PORT=4000 or leave it out.",
      "DATABASE_URL: expected postgres://user:password@host:5432/database, got another value; correct it, or leave it out to have PostgreSQL started.",
      "STEWARD_JWT_SECRET: expected at least 32 characters, got another value; set for example the output of openssl rand -base64 32.",
      "STEWARD_SANDBOX: expected true or false, got "maybe"; leave it out for true in development and false in production.",
      "STEWARD_DRAIN_SECONDS: expected whole seconds from 0 to 3600, got "-1"; leave it out for 10.",
      "LOG_LEVEL: expected one of trace, debug, info, warn, error, fatal, silent, got "loud"; leave it out for info.",
      "FILES_S3_ACCESS_KEY_ID: expected it together with FILES_S3_SECRET_ACCESS_KEY, got one of the two; set both or neither.",
    ]
  `);
});

test('a secret value is never repeated in the answer', () => {
  const said = problemsOf(() => readConfig({ DATABASE_URL: 'mysql://me:hunter2@host/db', STEWARD_JWT_SECRET: 'hunter2' }));
  expect(said).toHaveLength(2);
  expect(said.join()).not.toContain('hunter2');
});

test('production demands what must not be guessed and refuses the sandbox', () => {
  expect(problemsOf(() => readConfig({ NODE_ENV: 'production', STEWARD_SANDBOX: 'true' }))).toMatchInlineSnapshot(`
    [
      "STEWARD_SANDBOX: expected false in production, got true; leave it out, because it lets callers advance time.",
      "STEWARD_JWT_SECRET: expected a secret or STEWARD_JWKS_URL in production, got neither; set one of them.",
      "STEWARD_SIGNING_KEY: expected an Ed25519 private key in production, got nothing; set it, so that a shortened log can be shown.",
      "ORDER_CENTRE_URL: expected the address of the order centre in production, got nothing; set it.",
      "PAYMENTS_URL: expected the address of the payment provider in production, got nothing; set it.",
    ]
  `);
  const config = readConfig({
    NODE_ENV: 'production',
    STEWARD_JWKS_URL: 'https://login.example/jwks.json',
    ORDER_CENTRE_URL: 'https://centre.example',
    PAYMENTS_URL: 'https://payments.example',
    STEWARD_SIGNING_KEY: '-----BEGIN PRIVATE KEY-----',
  });
  expect(config).toMatchObject({ production: true, sandbox: false, host: '0.0.0.0', jwt: { kind: 'jwks' } });
});

test("Temporal Cloud is reached by the SDK's own variables", () => {
  const { temporal } = readConfig({
    TEMPORAL_ADDRESS: 'ours.a1b2c.tmprl.cloud:7233',
    TEMPORAL_NAMESPACE: 'ours.a1b2c',
    TEMPORAL_API_KEY: 'key',
  });
  expect(temporal).toMatchObject({
    namespace: 'ours.a1b2c',
    connection: { address: 'ours.a1b2c.tmprl.cloud:7233', apiKey: 'key', tls: true },
  });
});

test('a worker by itself says which servers it was not given', () => {
  expect(problemsOf(() => requireServers(readConfig({})))).toMatchInlineSnapshot(`
    [
      "DATABASE_URL: expected postgres://user:password@host:5432/database, got nothing; set it, or run npm start, which starts PostgreSQL for you.",
      "TEMPORAL_ADDRESS: expected host:port of a Temporal frontend, got nothing; set it, or run npm start, which starts Temporal for you.",
    ]
  `);
});

test('an S3-compatible store is addressed by path unless said otherwise', () => {
  const { files } = readConfig({ FILES_S3_BUCKET: 'evidence', FILES_S3_ENDPOINT: 'http://minio:9000' });
  expect(files).toMatchObject({ kind: 's3', bucket: 'evidence', pathStyle: true, credentials: undefined });
});

test('mail and SMS are read from their variables, with the usual ports and TLS that production requires (NOT-1)', () => {
  const given = {
    SMTP_URL: 'smtp://steward:p%40ss@mail.example',
    MAIL_FROM: 'Marketplace <no-reply@steward.example>',
    SMS_PROVIDER_URL: 'https://sms.example/messages',
    SMS_PROVIDER_TOKEN: 'token',
    OPERATIONS_MAIL: 'operations@steward.example',
    NOTIFY_GIVE_UP_HOURS: '24',
  };
  expect(readConfig(given).notifications).toEqual({
    mail: {
      host: 'mail.example',
      port: 587,
      secure: false,
      requireTls: false,
      user: 'steward',
      password: 'p@ss',
      from: 'Marketplace <no-reply@steward.example>',
    },
    sms: { url: 'https://sms.example/messages', token: 'token' },
    capture: true,
    consoleUrl: 'http://localhost:4000',
    roleAddresses: [{ role: 'operationsManager', channel: 'mail', address: 'operations@steward.example', language: 'zh' }],
    giveUpMs: 24 * 3_600_000,
  });
  const { mail } = readConfig({ ...given, SMTP_URL: 'smtps://[::1]' }).notifications;
  expect(mail).toMatchObject({ host: '::1', port: 465, secure: true, user: undefined });
  expect(
    problemsOf(() => readConfig({ SMTP_URL: 'mail.example:hunter2', SMS_PROVIDER_TOKEN: 'x', MAIL_FROM: 'a@b.example\r\nBcc: c@d.example' })),
  ).toMatchInlineSnapshot(`
    [
      "SMTP_URL: expected smtp://user:password@host:587 or smtps://user:password@host:465, got another value; correct it, or leave it out to send no mail.",
      "MAIL_FROM: expected an address or a name with one, got "a@b.example\\r\\nBcc: c@d.example"; set for example MAIL_FROM="Marketplace <no-reply@example.com>".",
      "SMS_PROVIDER_URL: expected it together with SMS_PROVIDER_TOKEN, got nothing; set both or neither.",
    ]
  `);
  expect(problemsOf(() => readConfig({ SMTP_URL: 'smtp://mail.example' }))).toEqual([
    'MAIL_FROM: expected the sender’s address together with SMTP_URL, got nothing; set it.',
  ]);
});

test('compose.yaml hands on every variable, but for those that its own containers settle', () => {
  const settled = ['PORT', 'STEWARD_TEMPORAL', 'STEWARD_DATA_DIR', 'FILES_DIR'];
  const compose = readFileSync('compose.yaml', 'utf8');
  expect(variableNames.filter((name) => !compose.includes(`\n    ${name}: `))).toEqual(settled);
});
