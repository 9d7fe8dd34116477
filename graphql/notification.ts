import { type NotificationFilter, type NotificationRow, notificationCount, notificationPage } from '../db/read/notifications.ts';
import { labelOf } from '../lifecycles/core.ts';
import type { Bilingual } from '../lifecycles/roles.ts';
import { type Channel, channels, type Topic, topics } from '../lifecycles/topics.ts';
import { render } from '../notifications/template.ts';
import { type Builder, everyone } from './builder.ts';
import { type Connections, encodeCursor, isRowNumber, type Page, type PageArgs, pageComplexity, pageFrom, placeIn, sizeOf } from './connection.ts';
import type { Context, Language } from './context.ts';
import { refusal } from './errors.ts';
import { fromRowId, toRowId } from './ids.ts';
import type { Texts } from './language.ts';
import type { Lifecycles } from './lifecycle.ts';

const most = 100;
const countedTo = 10_001;

const described = (labels: Record<string, Bilingual>) =>
  Object.fromEntries(Object.entries(labels).map(([name, { zh, en }]) => [name, { description: `${en} ${zh}` }]));

export type Messages = ReturnType<typeof addMessageEnums>;

/** The closed lists that messages speak of. */
export function addMessageEnums(builder: Builder) {
  return {
    topic: builder.enumType('MessageTopic', { description: 'What a message is about (ACT-3).', values: described(topics) as Record<Topic, object> }),
    channel: builder.enumType('MessageChannel', {
      description: 'How a message leaves; in-app it is there in any case.',
      values: described(channels) as Record<Channel, object>,
    }),
  };
}

export const notificationId = (id: number) => toRowId('Notification', id);

/** The row ids of a list of ids; at most 100, and those of another kind are nobody's. */
export function rowIds(kind: string, ids: readonly string[]): number[] {
  if (ids.length > most) throw refusal('BAD_INPUT', 400, `expected at most ${most} ids, got ${ids.length}`);
  return ids.flatMap((id) => fromRowId(kind, id) ?? []);
}

/** Where a page of rows begins and ends, by their ids, newest first. */
export function idPageOf(args: PageArgs) {
  const place = (cursor: string | null | undefined) => placeIn(cursor, { id: isRowNumber })?.id ?? null;
  return { ...sizeOf(args), below: place(args.after), above: place(args.before) };
}

export function pageOfIds<Row extends { id: number }>(rows: readonly Row[], page: ReturnType<typeof idPageOf>): Page<Row> {
  const hasOther = (page.backwards ? page.above : page.below) !== null;
  return pageFrom(rows, { ...page, hasOther, cursorOf: ({ id }) => encodeCursor([id]) });
}

/** Messages in-app: one list for the caller's party or role, each person with marks of its own (NOT-1). */
export function addNotifications(builder: Builder, parts: { lifecycles: Lifecycles; connections: Connections; texts: Texts; messages: Messages }) {
  const { lifecycles, connections, texts, messages } = parts;
  const { text, language } = texts;
  const notification = builder.objectRef<NotificationRow>('Notification');
  const said = (row: NotificationRow, given: Language | null | undefined, { core, language: usual }: Context) => render(row, given ?? usual, core.consoleUrl);

  notification.implement({
    description: 'A message about one event, to one role of one party. It is there in-app as soon as the event is.',
    fields: (t) => ({
      id: t.id({ resolve: ({ id }) => notificationId(id) }),
      event: t.exposeString('event', { description: 'What it tells of: a line of the history.' }),
      eventLabel: t.string({
        args: { language: t.arg({ type: language, required: false }) },
        resolve: async (row, given, { reads, core, language: usual }) => {
          const instance = (await reads.instances.load(row.instance))?.instance;
          return instance ? labelOf(core.registry.of(instance.lifecycle, instance.version), row.event)[given.language ?? usual] : row.event;
        },
      }),
      revision: t.exposeInt('revision', { description: 'The revision of that line.' }),
      topic: t.field({ type: messages.topic, resolve: (row) => row.topic }),
      topicLabel: t.string(text<NotificationRow>((row) => topics[row.topic])),
      subject: t.string({
        args: { language: t.arg({ type: language, required: false }) },
        resolve: (row, given, context) => said(row, given.language, context).subject,
      }),
      text: t.string({
        description: 'The message as plain text.',
        args: { language: t.arg({ type: language, required: false }) },
        resolve: (row, given, context) => said(row, given.language, context).text,
      }),
      role: t.field({ type: lifecycles.people.role, resolve: ({ toRole }) => toRole }),
      party: t.exposeString('toParty', { nullable: true }),
      at: t.field({ type: 'DateTime', resolve: (row) => row.at }),
      times: t.exposeInt('times', { description: 'How often it happened while it was told once (PRD-4).' }),
      readAt: t.field({ type: 'DateTime', nullable: true, description: 'When the caller read it.', resolve: (row) => row.readAt }),
      instance: t.field({
        type: lifecycles.lifecycle,
        nullable: true,
        resolve: async (row, _args, { reads }) => (await reads.instances.load(row.instance)) as never,
      }),
    }),
  });

  builder.interfaceField(lifecycles.lifecycle, 'notifications', (t) =>
    t.field({
      type: [notification],
      description: 'Messages about it, newest first, the last 200: operators see all, everyone else those to itself.',
      resolve: ({ instance }, _args, { reads }) => reads.notifications.load(instance.id),
    }),
  );

  const read = builder.objectRef<{ marked: number; context: Context }>('NotificationsRead').implement({
    fields: (t) => ({
      marked: t.exposeInt('marked', { description: 'How many of them were unread until now.' }),
      unread: t.int({
        description: 'How many are left to read; at most 10,001.',
        resolve: ({ context }) => notificationCount(context.reads.reader, { unread: true }, countedTo),
      }),
    }),
  });

  builder.queryField('notifications', (t) =>
    t.field({
      type: connections.connectionOf('Notification', notification),
      description: 'The messages to the caller’s party or role, newest first.',
      args: { ...connections.args, unread: t.arg.boolean({ required: false }), topic: t.arg({ type: messages.topic, required: false }) },
      authScopes: { as: everyone },
      complexity: pageComplexity,
      resolve: async (_root, args, { reads }) => {
        const page = idPageOf(args);
        const filter: NotificationFilter = { unread: args.unread, topic: args.topic };
        return {
          ...pageOfIds(await notificationPage(reads.reader, filter, page), page),
          count: async () => {
            const value = await notificationCount(reads.reader, filter, countedTo);
            return { value, exact: value < countedTo };
          },
        };
      },
    }),
  );
  builder.mutationField('markNotificationsRead', (t) =>
    t.field({
      type: read,
      description: 'Marks messages as read by the caller, not by others of its party. Again, it changes nothing.',
      args: { ids: t.arg.idList({ required: true, description: 'At most 100.' }) },
      authScopes: { as: everyone },
      complexity: 20,
      resolve: async (_root, { ids }, context) => ({
        marked: await context.core.notifications.markRead(context.actor, rowIds('Notification', ids)),
        context,
      }),
    }),
  );
  return { notification };
}

export type NotificationTypes = ReturnType<typeof addNotifications>;
