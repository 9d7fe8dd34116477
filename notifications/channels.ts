import { type Channel, channelNames } from '../lifecycles/topics.ts';
import type { Log } from '../log.ts';
import type { NotificationsConfig } from './config.ts';
import { createMail } from './mail.ts';
import { createSms } from './sms.ts';
import { captured, type Transport } from './transport.ts';

/**
 * The channels by which this process delivers. One that is not configured is captured in development; in production
 * its messages wait, visibly, for a process that has it.
 */
export function createTransports({ mail, sms, capture }: Pick<NotificationsConfig, 'mail' | 'sms' | 'capture'>, log: Log): Transport[] {
  const configured = {
    mail: mail && createMail(mail),
    sms: sms && createSms(sms),
  } satisfies Record<Channel, Transport | undefined>;
  return channelNames.flatMap((channel) => {
    const transport = configured[channel] ?? (capture ? captured(channel, log) : undefined);
    if (!transport) log.warn(`${channel} is not configured: messages by it wait, and are given up in the end; see docs/notifications.md`);
    return transport ? [transport] : [];
  });
}
