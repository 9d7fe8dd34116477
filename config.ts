import crypto from 'node:crypto';
import path from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { z } from 'zod';
import type { LogLevel } from './log.ts';
import { type NotificationsConfig, notificationContradictions, notificationSecrets, notificationVariables, readNotifications } from './notifications/config.ts';

/** Fits the client's Connection and the worker's NativeConnection. */
export type TemporalConnection = Pick<NativeConnectionOptions, 'address' | 'tls' | 'apiKey' | 'metadata'>;

export type FilesConfig =
  | { kind: 'disk'; dir: string }
  | {
      kind: 's3';
      bucket: string;
      region: string;
      endpoint: string | undefined;
      pathStyle: boolean;
      /** Undefined: the AWS SDK's own chain (role, profile, its environment variables). */
      credentials: { accessKeyId: string; secretAccessKey: string } | undefined;
    };

export type JwtConfig = { issuer: string | undefined; audience: string | undefined } & (
  | { kind: 'secret'; secret: string; generated: boolean }
  | { kind: 'jwks'; url: string }
);

export type Config = {
  production: boolean;
  host: string;
  port: number;
  databaseUrl: string | undefined;
  temporal: {
    /** Undefined: none was configured, `npm start` starts one. */
    connection: TemporalConnection | undefined;
    namespace: string;
    /** The only way in which `npm start` may get a Temporal. */
    way: 'cli' | 'download' | 'go' | undefined;
  };
  taskQueue: string;
  /** The marketplace's order centre (SUP-4). Undefined: development, the worker starts an example of one. */
  orderCentreUrl: string | undefined;
  /** Where paper invoices for bills are sent (BIL-10): recipient, phone and address, as it is printed. Undefined: the list says that it is not set. */
  invoiceAddress: string | undefined;
  /** The payment provider that pays refunds (REF-5). Undefined: development, the worker starts an example of one. */
  paymentsUrl: string | undefined;
  /** Signs the daily heads of all chains (ACT-2). Undefined: development, one is made and kept. */
  signingKey: string | undefined;
  files: FilesConfig;
  notifications: NotificationsConfig;
  jwt: JwtConfig;
  sandbox: boolean;
  /** PRD-8: merchants on this machine and network may be called, over plain HTTP too. Development only. */
  allowPrivateEndpoints: boolean;
  drainSeconds: number;
  logLevel: LogLevel;
  dataDir: string;
};

/** One line per variable that cannot be used: what was expected, what was got, what to do. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const text = z.string().optional();
const flag = z.stringbool({ truthy: ['true', '1'], falsy: ['false', '0'], case: 'sensitive' }).optional();
const wholeNumber = (min: number, max: number) => z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(min).max(max)).optional();
const url = (...protocols: string[]) =>
  z
    .string()
    .refine((value) => protocols.includes(URL.parse(value)?.protocol ?? ''))
    .optional();

/** Every variable that Steward reads, with what it expects and what to do about another value. */
const VARIABLES = {
  NODE_ENV: [z.enum(['production', 'development', 'test']).optional(), 'production, development or test; leave it out for development'],
  HOST: [text, 'the interface to listen on; leave it out for 127.0.0.1'],
  PORT: [wholeNumber(1, 65_535), 'a port from 1 to 65535; set PORT=4000 or leave it out'],
  DATABASE_URL: [url('postgres:', 'postgresql:'), 'postgres://user:password@host:5432/database; correct it, or leave it out to have PostgreSQL started'],
  TEMPORAL_NAMESPACE: [text, 'a namespace; leave it out for steward'],
  STEWARD_TEMPORAL: [z.enum(['cli', 'download', 'go']).optional(), 'cli, download or go; leave it out to try them in turn'],
  STEWARD_TASK_QUEUE: [text, 'a task queue; leave it out for steward'],
  STEWARD_JWT_SECRET: [z.string().min(32).optional(), 'at least 32 characters; set for example the output of openssl rand -base64 32'],
  STEWARD_JWKS_URL: [url('http:', 'https:'), 'the https:// address of a JWKS document; correct it, or set STEWARD_JWT_SECRET instead'],
  STEWARD_JWT_ISSUER: [text, 'an issuer'],
  STEWARD_JWT_AUDIENCE: [text, 'an audience'],
  STEWARD_SANDBOX: [flag, 'true or false; leave it out for true in development and false in production'],
  STEWARD_ALLOW_PRIVATE_ENDPOINTS: [flag, 'true or false; leave it out for false'],
  STEWARD_DRAIN_SECONDS: [wholeNumber(0, 3_600), 'whole seconds from 0 to 3600; leave it out for 10'],
  STEWARD_DATA_DIR: [text, 'a directory; leave it out for ./.steward'],
  LOG_LEVEL: [z.enum(LEVELS).optional(), `one of ${LEVELS.join(', ')}; leave it out for info`],
  ORDER_CENTRE_URL: [url('http:', 'https:'), 'the address of the order centre; correct it, or leave it out in development to have an example started'],
  INVOICE_ADDRESS: [text, 'the postal address that paper invoices are sent to'],
  PAYMENTS_URL: [url('http:', 'https:'), 'the address of the payment provider; correct it, or leave it out in development to have an example started'],
  STEWARD_SIGNING_KEY: [
    z
      .string()
      .regex(/BEGIN PRIVATE KEY/)
      .optional(),
    'an Ed25519 private key as PEM; set for example the output of openssl genpkey -algorithm ed25519',
  ],
  FILES_DIR: [text, 'a directory; leave it out for files in the data directory'],
  FILES_S3_BUCKET: [text, 'a bucket; leave it out to keep files on disk'],
  FILES_S3_REGION: [text, 'a region; leave it out for us-east-1'],
  FILES_S3_ENDPOINT: [url('http:', 'https:'), 'an http(s):// address; leave it out for AWS itself'],
  FILES_S3_PATH_STYLE: [flag, 'true or false; leave it out for true with an endpoint of your own'],
  FILES_S3_ACCESS_KEY_ID: [text, 'a key; leave it out for the usual AWS credentials'],
  FILES_S3_SECRET_ACCESS_KEY: [text, 'a secret; leave it out for the usual AWS credentials'],
  ...notificationVariables,
} as const satisfies Record<string, readonly [z.ZodType, string]>;

export const variableNames: readonly string[] = Object.keys(VARIABLES);

const SECRETS = new Set(['DATABASE_URL', 'STEWARD_JWT_SECRET', 'STEWARD_SIGNING_KEY', 'FILES_S3_SECRET_ACCESS_KEY', ...notificationSecrets]);

type Variables = { [Name in keyof typeof VARIABLES]: z.output<(typeof VARIABLES)[Name][0]> };

/** The configuration of every process of Steward; nothing else reads the environment. Throws a ConfigError. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const { values, problems } = readVariables(env);
  const production = values.NODE_ENV === 'production';
  const dataDir = path.resolve(values.STEWARD_DATA_DIR ?? '.steward');
  const port = values.PORT ?? 4000;
  problems.push(...contradictions(values, production), ...notificationContradictions(values));
  const temporal = readTemporal(env, values, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    production,
    host: values.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
    port,
    databaseUrl: values.DATABASE_URL,
    temporal,
    taskQueue: values.STEWARD_TASK_QUEUE ?? 'steward',
    orderCentreUrl: values.ORDER_CENTRE_URL,
    invoiceAddress: values.INVOICE_ADDRESS,
    paymentsUrl: values.PAYMENTS_URL,
    signingKey: values.STEWARD_SIGNING_KEY,
    files: readFiles(values, dataDir),
    notifications: readNotifications(values, { production, port }),
    jwt: readJwt(values),
    sandbox: values.STEWARD_SANDBOX ?? !production,
    allowPrivateEndpoints: values.STEWARD_ALLOW_PRIVATE_ENDPOINTS ?? false,
    drainSeconds: values.STEWARD_DRAIN_SECONDS ?? 10,
    logLevel: values.LOG_LEVEL ?? 'info',
    dataDir,
  };
}

/** For programs: says what is wrong with the configuration, in sentences, and ends. */
export function configOrExit(): Config {
  try {
    return readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

/** What a worker or an API started by itself needs besides: `npm start` gives it to its own. */
export function requireServers(config: Config): { databaseUrl: string; connection: TemporalConnection } {
  const { databaseUrl, temporal } = config;
  const problems: string[] = [];
  if (!databaseUrl)
    problems.push(
      'DATABASE_URL: expected postgres://user:password@host:5432/database, got nothing; set it, or run npm start, which starts PostgreSQL for you.',
    );
  if (!temporal.connection)
    problems.push('TEMPORAL_ADDRESS: expected host:port of a Temporal frontend, got nothing; set it, or run npm start, which starts Temporal for you.');
  if (!databaseUrl || !temporal.connection) throw new ConfigError(problems);
  return { databaseUrl, connection: temporal.connection };
}

function readVariables(env: NodeJS.ProcessEnv): { values: Variables; problems: string[] } {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, [schema, expected]] of Object.entries(VARIABLES)) {
    const given = env[name] || undefined;
    const result = schema.safeParse(given);
    values[name] = result.data;
    const got = SECRETS.has(name) ? 'another value' : JSON.stringify(given);
    if (!result.success) problems.push(`${name}: expected ${expected.replace(';', `, got ${got};`)}.`);
  }
  return { values: values as Variables, problems };
}

function contradictions(values: Variables, production: boolean): string[] {
  const found: string[] = [];
  const secretOrUrl = [values.STEWARD_JWT_SECRET, values.STEWARD_JWKS_URL].filter(Boolean).length;
  const keys = [values.FILES_S3_ACCESS_KEY_ID, values.FILES_S3_SECRET_ACCESS_KEY].filter(Boolean).length;
  if (production && values.STEWARD_SANDBOX)
    found.push('STEWARD_SANDBOX: expected false in production, got true; leave it out, because it lets callers advance time.');
  if (production && values.STEWARD_ALLOW_PRIVATE_ENDPOINTS)
    found.push(
      'STEWARD_ALLOW_PRIVATE_ENDPOINTS: expected false in production, got true; leave it out, because merchants could have this network called (PRD-8).',
    );
  if (production && secretOrUrl === 0) found.push('STEWARD_JWT_SECRET: expected a secret or STEWARD_JWKS_URL in production, got neither; set one of them.');
  if (production && !values.STEWARD_SIGNING_KEY)
    found.push('STEWARD_SIGNING_KEY: expected an Ed25519 private key in production, got nothing; set it, so that a shortened log can be shown.');
  if (production && !values.ORDER_CENTRE_URL) found.push('ORDER_CENTRE_URL: expected the address of the order centre in production, got nothing; set it.');
  if (production && !values.PAYMENTS_URL) found.push('PAYMENTS_URL: expected the address of the payment provider in production, got nothing; set it.');
  if (secretOrUrl === 2) found.push('STEWARD_JWT_SECRET: expected a secret or STEWARD_JWKS_URL, got both; leave one of them out.');
  if (keys === 1) found.push('FILES_S3_ACCESS_KEY_ID: expected it together with FILES_S3_SECRET_ACCESS_KEY, got one of the two; set both or neither.');
  return found;
}

/** The SDK's own variables and file (TLS, API key, profiles) are its business: we ask it when one of them is set. */
function readTemporal(env: NodeJS.ProcessEnv, values: Variables, problems: string[]): Config['temporal'] {
  const way = values.STEWARD_TEMPORAL;
  const fallback = { connection: undefined, namespace: values.TEMPORAL_NAMESPACE ?? 'steward', way };
  if (!env.TEMPORAL_ADDRESS && !env.TEMPORAL_PROFILE && !env.TEMPORAL_CONFIG_FILE) return fallback;
  try {
    const set = Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1]));
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(set) });
    return { connection: connectionOptions, namespace: values.TEMPORAL_NAMESPACE ?? namespace ?? 'steward', way };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    problems.push(
      `TEMPORAL_ADDRESS: expected Temporal's client configuration to be readable, got "${why}"; correct the TEMPORAL_ variables or the file they name.`,
    );
    return fallback;
  }
}

function readFiles(values: Variables, dataDir: string): FilesConfig {
  const { FILES_S3_BUCKET: bucket, FILES_S3_ACCESS_KEY_ID: accessKeyId, FILES_S3_SECRET_ACCESS_KEY: secretAccessKey } = values;
  if (!bucket) return { kind: 'disk', dir: path.resolve(values.FILES_DIR ?? path.join(dataDir, 'files')) };
  return {
    kind: 's3',
    bucket,
    region: values.FILES_S3_REGION ?? 'us-east-1',
    endpoint: values.FILES_S3_ENDPOINT,
    pathStyle: values.FILES_S3_PATH_STYLE ?? values.FILES_S3_ENDPOINT !== undefined,
    credentials: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined,
  };
}

function readJwt(values: Variables): JwtConfig {
  const claims = { issuer: values.STEWARD_JWT_ISSUER, audience: values.STEWARD_JWT_AUDIENCE };
  if (values.STEWARD_JWKS_URL) return { kind: 'jwks', url: values.STEWARD_JWKS_URL, ...claims };
  const given = values.STEWARD_JWT_SECRET;
  return { kind: 'secret', secret: given ?? crypto.randomBytes(32).toString('base64url'), generated: given === undefined, ...claims };
}
