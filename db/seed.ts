import { connect } from './connect.ts';
import { beginLives } from './lives.ts';
import { accounts, parties } from './schema/parties.ts';
import { products } from './schema/products.ts';

const exampleParties = [
  { id: 'buyer-a', kind: 'buyer', name: '示例买家甲' },
  { id: 'buyer-b', kind: 'buyer', name: '示例买家乙' },
  { id: 'merchant-a', kind: 'merchant', name: '示例商家甲' },
  { id: 'merchant-b', kind: 'merchant', name: '示例商家乙' },
  { id: 'provider-a', kind: 'provider', name: '示例服务商甲' },
];

/** Addresses that reach nobody, by their definition. */
const exampleAccounts: (typeof accounts.$inferInsert)[] = [
  { party: 'buyer-a', mail: 'buyer-a@example.com', phone: '+8610000000001', language: 'zh' },
  { party: 'buyer-b', mail: 'buyer-b@example.com', phone: '+8610000000002', language: 'en' },
  { party: 'merchant-a', mail: 'merchant-a@example.com', phone: '+8610000000003', language: 'zh' },
  { party: 'merchant-b', mail: 'merchant-b@example.com', phone: '+8610000000004', language: 'en' },
  { party: 'provider-a', mail: 'provider-a@example.com', phone: '+8610000000005', language: 'zh' },
];

const exampleProducts = [
  {
    id: 'saas-activated',
    merchant: 'merchant-a',
    name: '协同办公 SaaS（需开通交付）',
    accessType: 'SaaS',
    tradeMode: 'general',
    supervised: true,
    prices: { once: 300_000, month: 12_000, year: 120_000 },
  },
  {
    id: 'saas-activated-b',
    merchant: 'merchant-b',
    name: '客户管理 SaaS（需开通交付）',
    accessType: 'SaaS',
    tradeMode: 'joint',
    supervised: true,
    prices: { once: 250_000, month: 9_900, year: 990_00 },
    creditMeans: ['creditLine'],
  },
  {
    id: 'saas-instant',
    merchant: 'merchant-a',
    name: '在线文档 SaaS（即开即用）',
    accessType: 'SaaS',
    tradeMode: 'general',
    supervised: false,
    prices: { once: 250_000, month: 9_900, year: 99_000 },
  },
  {
    id: 'image-basic',
    merchant: 'merchant-a',
    name: '安全加固镜像',
    accessType: 'image',
    tradeMode: 'general',
    supervised: false,
    prices: { once: 5_000, month: 500 },
  },
  {
    id: 'human-service',
    merchant: 'merchant-a',
    name: '数据迁移人工服务',
    accessType: 'humanService',
    tradeMode: 'general',
    supervised: true,
    prices: { once: 500_000, month: 12_000, year: 120_000 },
  },
  {
    id: 'license-code',
    merchant: 'merchant-a',
    name: '杀毒软件授权码（License 2.0）',
    accessType: 'License',
    licenceDelivery: 'onlineCode' as const,
    tradeMode: 'general',
    supervised: true,
    prices: { once: 500_000, month: 12_000, year: 120_000 },
  },
  {
    id: 'license-online',
    merchant: 'merchant-a',
    name: '数据库授权（License）',
    accessType: 'License',
    licenceDelivery: 'online' as const,
    tradeMode: 'general',
    supervised: true,
    prices: { once: 500_000, month: 12_000, year: 120_000 },
  },
  {
    id: 'license-offline',
    merchant: 'merchant-a',
    name: '设计软件线下授权',
    accessType: 'License',
    licenceDelivery: 'offline' as const,
    tradeMode: 'general',
    supervised: true,
    prices: { once: 500_000, month: 12_000, year: 120_000 },
  },
  {
    id: 'software-package',
    merchant: 'merchant-a',
    name: '质检平台软件包',
    accessType: 'License',
    licenceDelivery: 'softwarePackage' as const,
    tradeMode: 'general',
    supervised: true,
    prices: { once: 500_000, month: 12_000, year: 120_000 },
  },
  {
    id: 'app-orchestration',
    merchant: 'merchant-a',
    name: '三节点集群应用编排',
    accessType: 'appOrchestration',
    tradeMode: 'general',
    supervised: true,
    prices: { once: 500_000, month: 12_000, year: 120_000 },
  },
  {
    id: 'saas-whitelisted',
    merchant: 'merchant-b',
    name: '内测 SaaS（白名单）',
    accessType: 'SaaS',
    tradeMode: 'general',
    supervised: true,
    prices: { year: 1_000 },
    whitelist: ['buyer-b'],
  },
];

/** Example parties and products for development, each with its life begun. Run again, it changes nothing. */
export async function seed(databaseUrl: string): Promise<void> {
  const { db, pool, close } = connect(databaseUrl, { poolSize: 2, name: 'steward seed' });
  try {
    await db.insert(parties).values(exampleParties).onConflictDoNothing();
    await db.insert(accounts).values(exampleAccounts).onConflictDoNothing();
    await db.insert(products).values(exampleProducts).onConflictDoNothing();
    await beginLives(pool);
  } finally {
    await close();
  }
}
