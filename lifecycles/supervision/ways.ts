import type { Requirement } from '../declaration.ts';
import type { Product } from '../facts.ts';
import type { Bilingual } from '../roles.ts';

/** SUP-2: the ways of delivery, each with its steps as people tell them; `reviewed`: 华为云复核 stands in it where the order's scenario asks for one. */
export const ways = {
  saas: { zh: '开通交付', en: 'Activation', reviewed: true, steps: { zh: '商家交付→（复核）→买家验收', en: 'merchant delivers, (review,) buyer accepts' } },
  humanService: {
    zh: '人工服务',
    en: 'Human service',
    reviewed: true,
    steps: {
      zh: '买家提交需求→商家确认→实施并上传→（复核）→买家验收',
      en: 'buyer files the requirement, merchant confirms and implements, (review,) buyer accepts',
    },
  },
  licenseOnlineCode: {
    zh: '在线授权码',
    en: 'Online authorisation code',
    reviewed: true,
    steps: { zh: '生成授权码→商家交付→买家领取→激活→上传凭证→（复核→买家验收）', en: 'code, delivery, claim, activation, proof, (review, buyer accepts)' },
  },
  licenseOnline: {
    zh: '在线授权',
    en: 'Online licence',
    reviewed: true,
    steps: { zh: '买家提交系统码→商家交付授权→（复核）→买家验收', en: 'buyer submits the system code, merchant delivers the licence, (review,) buyer accepts' },
  },
  licenseOffline: {
    zh: '线下授权',
    en: 'Offline licence',
    reviewed: true,
    steps: { zh: '商家线下交付并确认→（复核）→买家验收', en: 'merchant delivers outside and confirms, (review,) buyer accepts' },
  },
  softwarePackage: {
    zh: '软件包部署',
    en: 'Package deployment',
    reviewed: false,
    steps: { zh: '部署→买家确认完成', en: 'deployment, buyer confirms that it is done' },
  },
} as const satisfies Record<string, Bilingual & { reviewed: boolean; steps: Bilingual }>;

export type Way = keyof typeof ways;
export const wayNames = Object.keys(ways) as [Way, ...Way[]];

const byLicenceDelivery = { onlineCode: 'licenseOnlineCode', online: 'licenseOnline', offline: 'licenseOffline', softwarePackage: 'softwarePackage' } as const;

/**
 * The way a product is delivered under supervision (SUP-1, ORD-2); null when the rules have none for it. Application
 * orchestration goes the way of SaaS, with which the seller centre keeps it (REF-3).
 */
export function wayOf({ accessType, licenceDelivery }: Pick<Product, 'accessType' | 'licenceDelivery'>): Way | null {
  if (accessType === 'SaaS' || accessType === 'appOrchestration') return 'saas';
  if (accessType === 'humanService') return 'humanService';
  return accessType === 'License' && licenceDelivery ? byLicenceDelivery[licenceDelivery] : null;
}

/** A command of these ways only; on an order that goes another way no waiting makes it possible. */
export const onlyBy = (...mine: Way[]): Requirement<{ way: Way }> => ({
  code: 'WRONG_WAY',
  met: ({ context }) => mine.includes(context.way),
  details: ({ context }) => ({
    way: ways[context.way],
    steps: ways[context.way].steps,
    expected: { zh: mine.map((way) => ways[way].zh).join('、'), en: mine.map((way) => ways[way].en).join(', ') },
  }),
});
