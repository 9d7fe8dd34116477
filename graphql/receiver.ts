import { type Account, accountOf, type Receiver, receiversOf } from '../db/read/receivers.ts';
import { expectedField, invalid } from '../lifecycles/problem.ts';
import { type Channel, channelNames, type Topic, topicNames, topics } from '../lifecycles/topics.ts';
import { mailAddress, phoneNumber } from '../notifications/config.ts';
import { type Builder, everyone } from './builder.ts';
import type { Context } from './context.ts';
import type { Texts } from './language.ts';
import type { Messages } from './notification.ts';
import type { Problems, ShownProblem } from './problem.ts';

type TopicReceivers = { topic: Topic; receivers: (Receiver & { usual: boolean })[] };
type Result = { kind: 'Set'; topic: Topic } | ShownProblem;

const atMost = 20;
const receiving = everyone.filter((role) => role !== 'system');
const addressOf = {
  mail: { schema: mailAddress, expected: { zh: '邮件地址，如 orders@example.com', en: 'a mail address such as orders@example.com' } },
  sms: { schema: phoneNumber, expected: { zh: '带国家码的数字，如 +8613800000000', en: 'digits with the country code, such as +8613800000000' } },
} satisfies Record<Channel, object>;

const usualAddress = (account: Account | null, channel: Channel) => (channel === 'mail' ? account?.mail : account?.phone);

/** ACT-3: named receivers, and the account for every channel that has none. */
async function topicReceivers({ reads }: Context, only: readonly Topic[] = topicNames): Promise<TopicReceivers[]> {
  const [named, account] = await Promise.all([receiversOf(reads.reader), accountOf(reads.reader)]);
  return only.map((topic) => {
    const ours = named.filter((row) => row.topic === topic);
    const missing = channelNames.filter((channel) => !ours.some((row) => row.channel === channel));
    const usual = missing.flatMap((channel) => {
      const address = usualAddress(account, channel);
      return address && account ? [{ channel, address, language: account.language, usual: true }] : [];
    });
    return { topic, receivers: [...ours.map((row) => ({ ...row, usual: false })), ...usual] };
  });
}

function problemsOf(receivers: readonly Receiver[]) {
  const tooMany = receivers.length > atMost ? [expectedField('receivers', { zh: `不超过 ${atMost} 个`, en: `at most ${atMost}` }, receivers.length)] : [];
  return receivers.reduce((found, { channel, address }, index) => {
    const path = `receivers.${index}.address`;
    if (!addressOf[channel].schema.safeParse(address).success)
      found.push(expectedField(path, addressOf[channel].expected, JSON.stringify(address).slice(0, 100)));
    else if (receivers.findIndex((other) => other.channel === channel && other.address === address) < index)
      found.push(expectedField(path, { zh: '不重复的地址', en: 'each address once' }, { zh: address, en: `${address} again` }));
    return found;
  }, tooMany);
}

/** Message receivers 消息接收人 of the caller's own party or role. */
export function addReceivers(builder: Builder, { texts, messages, problems }: { texts: Texts; messages: Messages; problems: Problems }): void {
  const receiver = builder.objectRef<Receiver & { usual: boolean }>('MessageReceiver').implement({
    fields: (t) => ({
      channel: t.field({ type: messages.channel, resolve: (row) => row.channel }),
      address: t.exposeString('address'),
      language: t.field({ type: texts.language, resolve: (row) => row.language }),
      usual: t.exposeBoolean('usual', { description: 'The account’s own address, because nobody was named.' }),
    }),
  });
  const ofTopic = builder.objectRef<TopicReceivers>('TopicReceivers').implement({
    fields: (t) => ({
      topic: t.field({ type: messages.topic, resolve: (row) => row.topic }),
      label: t.string(texts.text<TopicReceivers>(({ topic }) => topics[topic])),
      receivers: t.field({ type: [receiver], resolve: (row) => row.receivers }),
    }),
  });
  builder.queryField('messageReceivers', (t) =>
    t.field({
      type: [ofTopic],
      description: 'Who gets the messages to the caller’s party or role, by topic (ACT-3).',
      authScopes: { as: everyone },
      complexity: 10,
      resolve: (_root, _args, context) => topicReceivers(context),
    }),
  );

  const given = builder.inputType('MessageReceiverInput', {
    fields: (t) => ({
      channel: t.field({ type: messages.channel, required: true }),
      address: t.string({ required: true }),
      language: t.field({ type: texts.language, required: true, description: 'The language that this receiver reads.' }),
    }),
  });
  const input = builder.inputType('SetMessageReceiversInput', {
    fields: (t) => ({
      topic: t.field({ type: messages.topic, required: true }),
      receivers: t.field({ type: [given], required: true, description: 'All of them, at most 20; a channel without any goes to the account.' }),
    }),
  });
  const done = builder.objectRef<Extract<Result, { kind: 'Set' }>>('MessageReceiversSet').implement({
    fields: (t) => ({
      topic: t.field({ type: ofTopic, resolve: async ({ topic }, _args, context) => (await topicReceivers(context, [topic]))[0] as TopicReceivers }),
    }),
  });
  const result = builder.unionType('SetMessageReceiversResult', {
    types: [done, problems.types.Invalid] as never,
    resolveType: ((value: Result) => (value.kind === 'Set' ? done : value.kind)) as never,
  });
  builder.mutationField('setMessageReceivers', (t) =>
    t.field({
      type: result as never,
      description: 'Names the receivers of one topic for the caller’s party or role, all of them at once. Again, it changes nothing.',
      args: { input: t.arg({ type: input, required: true }) },
      authScopes: { as: receiving },
      complexity: 20,
      resolve: (async (_root: unknown, { input: { topic, receivers } }: { input: { topic: Topic; receivers: Receiver[] } }, { core, actor }: Context) => {
        const fields = problemsOf(receivers);
        if (fields.length > 0) return invalid(fields);
        await core.notifications.setReceivers(actor, topic, receivers);
        return { kind: 'Set', topic };
      }) as never,
    }),
  );
}
