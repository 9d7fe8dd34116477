import { createTransport } from 'nodemailer';
import type { MailConfig } from './config.ts';
import { type Transport, Undeliverable, Unreachable } from './transport.ts';

type SmtpError = Error & { code?: string; responseCode?: number; command?: string };

/** Mail by SMTP: a few connections that stay open, one receiver a mail, so that none sees another. */
export function createMail({ host, port, secure, requireTls, user, password, from, timeoutMs = 30_000 }: MailConfig): Transport {
  const concurrency = 5;
  const pool = createTransport(
    {
      pool: true,
      maxConnections: concurrency,
      maxMessages: 200,
      // a repetition is ours alone to decide
      maxRequeues: 0,
      idleTimeout: 30_000,
      host,
      port,
      secure,
      requireTLS: requireTls,
      ...(user ? { auth: { user, pass: password } } : {}),
      connectionTimeout: timeoutMs / 3,
      greetingTimeout: timeoutMs / 3,
      socketTimeout: timeoutMs / 2,
      dnsTimeout: timeoutMs / 3,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from },
  );
  const domain = /@([^\s<>@]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
  return {
    channel: 'mail',
    outcome: 'sent',
    concurrency,
    timeoutMs,
    async send({ key, thread, to, language, subject, text, html }, signal) {
      try {
        const { response } = await pool.sendMail({
          // an address, not a header to be parsed
          to: { name: '', address: to },
          subject,
          text,
          html,
          messageId: `<${key}@${domain}>`,
          references: `<${thread}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', 'Content-Language': language === 'zh' ? 'zh-CN' : 'en' },
          signal,
        });
        return response;
      } catch (error) {
        throw understood(error as SmtpError);
      }
    },
    close: () => pool.close(),
  };
}

/** RFC 5321: a 5yz answer to the receiver or the content is final; everything before them concerns every mail alike. */
function understood(error: SmtpError): Error {
  const { responseCode = 0, command = '', message } = error;
  if (responseCode >= 500 && /^(RCPT TO|DATA)/.test(command)) return new Undeliverable(message, { cause: error });
  if (/^(RCPT TO|DATA|MAIL FROM)/.test(command)) return error;
  if (error.name === 'AbortError') return error;
  return new Unreachable(message, { cause: error });
}
