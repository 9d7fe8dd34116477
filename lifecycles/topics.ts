import type { Bilingual } from './roles.ts';

/** ACT-3: what messages are about; a party names its receivers 消息接收人 for each. */
export const topics = {
  fulfilment: { zh: '订单与交付', en: 'Orders and delivery' },
  disputes: { zh: '申诉与退订', en: 'Appeals and refunds' },
  organisation: { zh: '企业组织', en: 'Enterprise organisation' },
  settlement: { zh: '结算与发票', en: 'Settlement and invoices' },
  products: { zh: '商品与商家账户', en: 'Products and the merchant account' },
  services: { zh: '服务到期与释放', en: 'Expiry and release of services' },
} as const satisfies Record<string, Bilingual>;

export type Topic = keyof typeof topics;
export const topicNames = Object.keys(topics) as Topic[];

/** The ways a message leaves the house; in-app it is there for everyone who acts for its receiver, whatever the channels. */
export const channels = {
  mail: { zh: '邮件', en: 'Mail' },
  sms: { zh: '短信', en: 'SMS' },
} as const satisfies Record<string, Bilingual>;

export type Channel = keyof typeof channels;
export const channelNames = Object.keys(channels) as Channel[];
