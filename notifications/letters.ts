import { type Transport, Undeliverable } from './transport.ts';

/** One mail outside the outbox: what it says is a secret between it and its receiver, and is stored nowhere. */
export type Letter = { key: string; to: string; subject: string; text: string };

/** @param transports of this process; without one for mail, letters wait like messages do */
export function createLetters(transports: readonly Transport[]) {
  const mail = transports.find(({ channel }) => channel === 'mail');
  return {
    mail: async ({ key, to, subject, text }: Letter, signal: AbortSignal): Promise<void> => {
      if (!mail) throw new Error('expected mail to be configured (SMTP_URL), got nothing; see docs/notifications.md');
      const html = `<p>${escaped(text).replaceAll('\n', '<br>')}</p>`;
      await mail.send({ key: key.replaceAll(':', '.'), thread: key.replaceAll(':', '.'), to, language: 'zh', subject, text, html, short: text }, signal);
    },
    /** The mailbox will never take it. */
    isFinal: (error: unknown): boolean => error instanceof Undeliverable,
  };
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
