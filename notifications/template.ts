import type { About } from '../lifecycles/notice.ts';
import { type Bilingual, type Role, roles } from '../lifecycles/roles.ts';
import { recordLink } from './link.ts';
import { html, oneLine, plain } from './text.ts';

export type Language = keyof Bilingual;

/** What a message has to say, before it is said in a language. Instants are epoch milliseconds. */
export type Told = {
  text: Bilingual;
  about: About | null;
  toRole: Role;
  at: number;
  /** The instance's own number, and the number of the record that its family began with: the order. */
  number: string;
  orderNumber: string;
  product: string | null;
};

/** One message in one language: for mail as subject with plain text and HTML, for SMS as one short line. */
export type Rendered = { subject: string; text: string; html: string; short: string };

const words = {
  brand: { zh: '云商店', en: 'Marketplace' },
  order: { zh: '订单', en: 'Order' },
  product: { zh: '商品', en: 'Product' },
  state: { zh: '当前状态', en: 'State' },
  actor: { zh: '待处理方', en: 'Who must act' },
  due: { zh: '处理期限', en: 'Until' },
  at: { zh: '时间', en: 'Time' },
  reason: { zh: '填写的原因', en: 'Reason given' },
  yours: { zh: '需要您处理。', en: 'It is for you to act.' },
  open: { zh: '查看详情', en: 'Open it' },
  footer: {
    zh: '本消息由系统自动发送，请勿回复。接收人可在“消息接收人”中修改。',
    en: 'This message was sent automatically; do not reply. Change who gets it under “message receivers”.',
  },
  beijing: { zh: '（北京时间）', en: ' (Beijing time)' },
} as const satisfies Record<string, Bilingual>;

const most = { subject: 150, value: 200, reason: 2_000, short: 200 };

/** NOT-1: the one template of all messages. `baseUrl` is the console's; null leaves the link out. */
export function render(told: Told, language: Language, baseUrl: string | null): Rendered {
  const say = (word: keyof typeof words) => words[word][language];
  const sentence = oneLine(told.text[language], most.value);
  const reason = told.about?.reason ? plain(told.about.reason, most.reason) : '';
  const rows = rowsOf(told, language);
  const isYours = told.about?.waitsFor.includes(told.toRole) ?? false;
  const link = recordLink(baseUrl, told.number);
  const headline = `${told.orderNumber} ${sentence.replace(/[。.]$/, '')}`;
  return {
    subject: oneLine(`[${say('brand')}] ${headline}`, most.subject),
    text: [
      sentence + (isYours ? ` ${say('yours')}` : ''),
      rows.map(([name, value]) => `${name}: ${value}`).join('\n'),
      // each line marked, so that a reason never looks like a part of the message
      reason && `${say('reason')}:\n${reason.replaceAll(/^/gm, '> ')}`,
      link && `${say('open')}: ${link}`,
      `-- \n${say('footer')}`,
    ]
      .filter(Boolean)
      .join('\n\n')
      .concat('\n'),
    html: html`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><title>${headline}</title></head>
<body style="font:15px/1.6 sans-serif;color:#1b1b1b;max-width:40em">
<p><strong>${sentence}</strong>${isYours ? html` ${say('yours')}` : ''}</p>
<table style="border-collapse:collapse">${rows.map(
      ([name, value]) => html`
<tr><th style="text-align:left;padding:2px 16px 2px 0;font-weight:normal;color:#666">${name}</th><td>${value}</td></tr>`,
    )}
</table>
${reason ? html`<p>${say('reason')}:</p><blockquote style="white-space:pre-wrap;margin:0;padding-left:12px;border-left:3px solid #ccc">${reason}</blockquote>` : ''}
${link ? html`<p><a href="${link}">${say('open')}</a></p>` : ''}
<p style="color:#666">${say('footer')}</p>
</body></html>
`.source,
    short: shortOf(`【${say('brand')}】${headline}`, link),
  };
}

function rowsOf({ about, number, orderNumber, product, at }: Told, language: Language): [string, string][] {
  const say = (word: keyof typeof words) => words[word][language];
  const instant = (ms: number) => `${beijing(ms)}${say('beijing')}`;
  const actors = about?.waitsFor.filter((role) => role !== 'system') ?? [];
  const rows: [string, string | null | undefined][] = [
    [say('order'), orderNumber],
    [say('product'), product],
    [about?.record[language] ?? '', number === orderNumber ? null : number],
    [say('state'), about?.state[language]],
    [say('actor'), actors.map((role) => roles[role][language]).join(language === 'zh' ? '、' : ', ')],
    [say('due'), actors.length > 0 && about?.due != null ? instant(about.due) : null],
    [say('at'), instant(at)],
  ];
  return rows.flatMap(([name, value]): [string, string][] => (value ? [[name, oneLine(value, most.value)]] : []));
}

/** No reason and no product: an SMS carries nothing that another person wrote. */
function shortOf(headline: string, link: string | null): string {
  return `${oneLine(headline, most.short - (link ? link.length + 1 : 0))}${link ? ` ${link}` : ''}`;
}

const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', dateStyle: 'short', timeStyle: 'short' });
const beijing = (ms: number) => clock.format(ms);
