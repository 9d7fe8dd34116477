import { type DeliveryRow, deliveryPage } from '../db/read/notifications.ts';
import { deliveryStates } from '../db/schema/notifications.ts';
import { type Rendered, render } from '../notifications/template.ts';
import { type Builder, everyone } from './builder.ts';
import { type Connections, pageComplexity } from './connection.ts';
import { refusal } from './errors.ts';
import { toRowId } from './ids.ts';
import type { Texts } from './language.ts';
import { idPageOf, type Messages, type NotificationTypes, pageOfIds, rowIds } from './notification.ts';

const meanings = {
  waiting: 'It is sent as soon as it can be; a failed try is repeated.',
  sent: 'The mail server or SMS provider has taken it.',
  captured: 'Development: it stays here instead of being sent.',
  failed: 'It was refused for good, or given up. retryDeliveries tries it again.',
  noAddress: 'Nobody is known to send it to. Name a receiver, then retryDeliveries.',
} satisfies Record<(typeof deliveryStates)[number], string>;

/** What became of each message by each channel (NOT-1: delivery state visible). */
export function addDeliveries(
  builder: Builder,
  { connections, texts, messages, notifications }: { connections: Connections; texts: Texts; messages: Messages; notifications: NotificationTypes },
): void {
  const { notification } = notifications;
  const state = builder.enumType('DeliveryState', {
    values: Object.fromEntries(deliveryStates.map((name) => [name, { description: meanings[name] }])) as Record<(typeof deliveryStates)[number], object>,
  });
  const content = builder.objectRef<Rendered>('MessageContent').implement({
    description: 'A message in the receiver’s language.',
    fields: (t) => ({
      subject: t.exposeString('subject'),
      text: t.exposeString('text'),
      html: t.exposeString('html'),
      short: t.exposeString('short', { description: 'As an SMS says it.' }),
    }),
  });
  const delivery = builder.objectRef<DeliveryRow>('Delivery').implement({
    description: 'One message by one channel to one address.',
    fields: (t) => ({
      id: t.id({ resolve: ({ id }) => toRowId('Delivery', id) }),
      channel: t.field({ type: messages.channel, resolve: (row) => row.channel }),
      address: t.string({ nullable: true, resolve: ({ address }) => address || null }),
      language: t.field({ type: texts.language, resolve: (row) => row.language }),
      state: t.field({ type: state, resolve: (row) => row.state }),
      attempts: t.exposeInt('attempts'),
      queuedAt: t.field({ type: 'DateTime', resolve: (row) => row.queuedAt }),
      nextAttemptAt: t.field({ type: 'DateTime', nullable: true, resolve: (row) => row.nextAt }),
      finishedAt: t.field({ type: 'DateTime', nullable: true, resolve: (row) => row.finishedAt }),
      error: t.exposeString('error', { nullable: true, description: 'What the last try came to.' }),
      notification: t.field({
        type: notification,
        nullable: true,
        resolve: ({ message }, _args, { reads }) => reads.notificationById.load(message),
      }),
      content: t.field({
        type: content,
        nullable: true,
        resolve: async ({ message, language }, _args, { reads, core }) => {
          const row = await reads.notificationById.load(message);
          return row && render(row, language, core.consoleUrl);
        },
      }),
    }),
  });
  builder.objectField(notification, 'deliveries', (t) =>
    t.field({
      type: [delivery],
      description: 'By mail and SMS, to each receiver; empty for the moment until they are made.',
      resolve: ({ id }, _args, { reads }) => reads.deliveries.load(id),
    }),
  );
  builder.queryField('deliveries', (t) =>
    t.field({
      type: connections.connectionOf('Delivery', delivery),
      description: 'Deliveries of messages that the caller may see, newest first: what failed or waits, or in development what was captured.',
      args: {
        ...connections.args,
        state: t.arg({ type: [state], required: false, description: 'Any but sent; those in trouble when it is not said: failed, noAddress.' }),
      },
      authScopes: { as: everyone },
      complexity: pageComplexity,
      resolve: async (_root, args, { reads }) => {
        if (args.state?.includes('sent'))
          throw refusal('BAD_FILTER', 400, 'expected states of what is not sent yet, got sent; what was sent is found with its notification');
        const page = idPageOf(args);
        return pageOfIds(await deliveryPage(reads.reader, args.state ?? ['failed', 'noAddress'], page), page);
      },
    }),
  );
  builder.mutationField('retryDeliveries', (t) =>
    t.field({
      type: builder.objectRef<{ retried: number }>('DeliveriesRetried').implement({ fields: (r) => ({ retried: r.exposeInt('retried') }) }),
      description: 'Tries deliveries again that failed or had no address; what is waiting or sent is left alone. By: operationsManager.',
      args: { ids: t.arg.idList({ required: true, description: 'At most 100.' }) },
      authScopes: { as: ['operationsManager'] },
      complexity: 20,
      resolve: async (_root, { ids }, { core }) => ({ retried: await core.notifications.retry(rowIds('Delivery', ids)) }),
    }),
  );
}
