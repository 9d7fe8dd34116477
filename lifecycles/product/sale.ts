import { z } from 'zod';
import { commandOf, type Given, type Requirement } from '../declaration.ts';
import { carriesOn } from '../standing.ts';
import type { Context } from './context.ts';

const command = commandOf<Context>();
const nameOf = ({ context }: Given<Context>) => ({ product: context.productName });

/** PRD-6: what went off sale through its interface comes back only once the interface has passed debugging since. */
const isDebugged = ({ context: { offSale, debuggedAt } }: Given<Context>): boolean =>
  offSale === null || !['calls', 'dialTests'].includes(offSale.cause) || (debuggedAt ?? 0) > offSale.since;
const debugged: Requirement<Context> = {
  code: 'DEBUGGING_NEEDED',
  met: isDebugged,
  details: ({ context }) => ({ product: context.productName, since: new Date(context.offSale?.since ?? 0).toISOString() }),
};

export const commands = {
  hideProduct: command({
    label: { zh: '隐藏商品', en: 'Hide the product' },
    description: { zh: '立即从列表和搜索中隐藏，仅可通过链接购买。', en: 'Takes it out of listings and search at once; it can be bought by its URL only.' },
    by: ['merchant', 'operationsManager'],
    input: z.object({}),
    reason: 'optional',
    requires: [{ code: 'PRODUCT_HIDDEN_ALREADY', met: ({ context }) => !context.hidden, details: nameOf }],
    rules: ['ORD-6'],
  }),
  showProduct: command({
    label: { zh: '取消隐藏', en: 'Show the product' },
    description: { zh: '立即恢复在列表和搜索中展示。', en: 'Brings it back into listings and search at once.' },
    by: ['merchant', 'operationsManager'],
    input: z.object({}),
    reason: 'optional',
    requires: [{ code: 'PRODUCT_SHOWN_ALREADY', met: ({ context }) => context.hidden, details: nameOf }],
    rules: ['ORD-6'],
  }),
  delistProduct: command({
    label: { zh: '下架商品', en: 'Take the product off sale' },
    description: { zh: '停止销售；已有订单不受影响，可重新上架。', en: 'Stops its sale; running orders go on, and it can come back.' },
    by: ['merchant', 'operationsManager'],
    input: z.object({}),
    reason: 'required',
    rules: ['CAT-1', 'PRD-6'],
  }),
  relistProduct: command({
    label: { zh: '重新上架', en: 'Put the product back on sale' },
    description: { zh: '因接口失败下架或冻结的商品，须先通过接口调试。', en: 'What went off sale through its interface must have passed debugging since.' },
    by: ['merchant', 'operationsManager'],
    input: z.object({}),
    reason: 'optional',
    facts: ['standing'],
    requires: [carriesOn, debugged],
    rules: ['CAT-1', 'PRD-6'],
  }),
  restoreProduct: command({
    label: { zh: '撤销下架', en: 'Reverse the delisting' },
    description: {
      zh: '运营经理认定下架或冻结有误，说明原因后恢复销售，计数清零。',
      en: 'The delisting or freeze was wrong: with the reason, it is on sale again and the count begins anew.',
    },
    by: ['operationsManager'],
    input: z.object({}),
    reason: 'required',
    facts: ['standing'],
    requires: [carriesOn],
    rules: ['PRD-6'],
  }),
};
