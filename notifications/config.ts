import { z } from 'zod';
import type { RoleAddress } from '../db/deliveries.ts';

export type MailConfig = {
  host: string;
  port: number;
  /** TLS from the first byte (smtps). */
  secure: boolean;
  /** Refuse to send where the server offers no STARTTLS. */
  requireTls: boolean;
  user: string | undefined;
  password: string | undefined;
  /** An address, or a name with one: Steward <no-reply@example.com>. */
  from: string;
  timeoutMs?: number;
};

/** A provider's HTTP door for SMS; the token is sent as Bearer. */
export type SmsConfig = { url: string; token: string | undefined; timeoutMs?: number };

export type NotificationsConfig = {
  /** Undefined: not configured. In development such a channel is captured, in production its messages wait. */
  mail: MailConfig | undefined;
  sms: SmsConfig | undefined;
  capture: boolean;
  /** The console's address, for links; null: messages have none. */
  consoleUrl: string | null;
  /** Where the marketplace's own roles are reached when they named no receivers. */
  roleAddresses: RoleAddress[];
  giveUpMs: number;
};

const url = (...protocols: string[]) =>
  z
    .string()
    .refine((value) => protocols.includes(URL.parse(value)?.protocol ?? ''))
    .optional();

export const mailAddress = z.email().max(254);
/** E.164, as providers want it. */
export const phoneNumber = z.string().regex(/^\+?[0-9]{6,15}$/);
const mail = mailAddress.optional();
const phone = phoneNumber.optional();
const aMail = 'a mail address; correct it or leave it out';
const aPhone = 'digits with the country code, as in +8613800000000; correct it or leave it out';

/** What notifications read of the environment: what each variable expects, and what to do about another value. */
export const notificationVariables = {
  SMTP_URL: [url('smtp:', 'smtps:'), 'smtp://user:password@host:587 or smtps://user:password@host:465; correct it, or leave it out to send no mail'],
  SMTP_TLS: [z.enum(['required', 'opportunistic']).optional(), 'required or opportunistic; leave it out for required in production and opportunistic else'],
  MAIL_FROM: [
    z
      .string()
      .regex(/^([^<>@\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/)
      .optional(),
    'an address or a name with one; set for example MAIL_FROM="Marketplace <no-reply@example.com>"',
  ],
  SMS_PROVIDER_URL: [url('http:', 'https:'), 'the http(s):// address that takes messages; correct it, or leave it out to send no SMS'],
  SMS_PROVIDER_TOKEN: [z.string().optional(), 'a token; leave it out for none'],
  CONSOLE_URL: [url('http:', 'https:'), 'the http(s):// address of the console; correct it, or leave it out in production for messages without links'],
  OPERATIONS_MAIL: [mail, aMail],
  OPERATIONS_PHONE: [phone, aPhone],
  REVIEWERS_MAIL: [mail, aMail],
  REVIEWERS_PHONE: [phone, aPhone],
  NOTIFY_LANGUAGE: [z.enum(['zh', 'en']).optional(), 'zh or en; leave it out for zh'],
  NOTIFY_GIVE_UP_HOURS: [
    z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(1).max(720)).optional(),
    'whole hours from 1 to 720; leave it out for 72',
  ],
} as const satisfies Record<string, readonly [z.ZodType, string]>;

export const notificationSecrets = ['SMTP_URL', 'SMS_PROVIDER_TOKEN'] as const;

type Variables = { [Name in keyof typeof notificationVariables]: z.output<(typeof notificationVariables)[Name][0]> };

export function notificationContradictions(values: Variables): string[] {
  return [
    ...(values.SMTP_URL && !values.MAIL_FROM ? ['MAIL_FROM: expected the sender’s address together with SMTP_URL, got nothing; set it.'] : []),
    ...(values.SMS_PROVIDER_TOKEN && !values.SMS_PROVIDER_URL
      ? ['SMS_PROVIDER_URL: expected it together with SMS_PROVIDER_TOKEN, got nothing; set both or neither.']
      : []),
  ];
}

export function readNotifications(values: Variables, { production, port }: { production: boolean; port: number }): NotificationsConfig {
  const language = values.NOTIFY_LANGUAGE ?? 'zh';
  const addresses = [
    { role: 'operationsManager', channel: 'mail', address: values.OPERATIONS_MAIL },
    { role: 'operationsManager', channel: 'sms', address: values.OPERATIONS_PHONE },
    { role: 'reviewer', channel: 'mail', address: values.REVIEWERS_MAIL },
    { role: 'reviewer', channel: 'sms', address: values.REVIEWERS_PHONE },
  ] as const;
  return {
    mail: readMail(values, production),
    sms: values.SMS_PROVIDER_URL ? { url: values.SMS_PROVIDER_URL, token: values.SMS_PROVIDER_TOKEN } : undefined,
    capture: !production,
    consoleUrl: values.CONSOLE_URL ?? (production ? null : `http://localhost:${port}`),
    roleAddresses: addresses.flatMap(({ address, ...one }) => (address ? [{ ...one, address, language }] : [])),
    giveUpMs: (values.NOTIFY_GIVE_UP_HOURS ?? 72) * 3_600_000,
  };
}

/** Development without a configuration. */
export const allCaptured = readNotifications({} as Variables, { production: false, port: 4000 });

function readMail({ SMTP_URL, SMTP_TLS, MAIL_FROM }: Variables, production: boolean): MailConfig | undefined {
  if (!SMTP_URL || !MAIL_FROM) return undefined;
  const { protocol, hostname, port, username, password } = new URL(SMTP_URL);
  const secure = protocol === 'smtps:';
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (secure ? 465 : 587),
    secure,
    requireTls: (SMTP_TLS ?? (production ? 'required' : 'opportunistic')) === 'required',
    user: username ? decodeURIComponent(username) : undefined,
    password: username ? decodeURIComponent(password) : undefined,
    from: MAIL_FROM,
  };
}
