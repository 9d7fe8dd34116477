import { expect, test } from 'vitest';
import { waitsForOf } from '../../lifecycles/awaited.ts';
import type { Instance } from '../../lifecycles/instance.ts';
import { cast, day, file } from './cast.ts';
import type { Model } from './drive.ts';
import { asked, refundState } from './refunds.ts';
import { accepted, aPaidOrder, aSupervision, said, send } from './stories.ts';

const latest = (model: Model, lifecycle: string) => [...model.instances.values()].findLast((one) => one.lifecycle === lifecycle) as Instance;
const onInvoice = (model: Model, command: string, input: Record<string, unknown> = {}) =>
  said(model.command({ lifecycle: 'invoice', instance: latest(model, 'invoice').id, command, actor: cast.merchant, input, reason: '订单已退款' }));
/** The same with its order's invoice applied for. */
function applied(model: Model): Model {
  const input = { order: model.only('order')?.id, medium: 'fullyDigital', title: '示例买家甲', mail: 'f@example.com' };
  expect(said(send(model, 'applyForInvoice', { input }))).toBe('ok');
  return model;
}
const heard = (model: Model, event: string) =>
  model.messages.filter((message) => message.instance === latest(model, 'invoice').id && message.event === event).map(({ to, text }) => `${to}: ${text.en}`);

test('an application that is open lapses when a refund of its order is approved, not when one is asked for (REF-2)', () => {
  const model = asked(applied(aSupervision()));
  expect(latest(model, 'invoice').value).toBe('applied');
  accepted(model, 'approveRefund', { input: { files: [file] } });
  const number = latest(model, 'refund').number;
  expect(latest(model, 'invoice')).toMatchObject({ value: 'lapsed', deadlines: [], context: { refundNumber: number } });
  expect(heard(model, 'refundApproved')).toEqual([
    `buyer: A refund of your order was approved, so your application for its invoice has lapsed. It is refund ${number}.`,
  ]);
  expect(onInvoice(model, 'issueInvoice', { invoiceNumber: '25442000000123456789', lines: [] })).toBe('ENDED');
});

test('an order that could not be opened is refunded although its invoice is issued: that is reversed in 3 working days, and says by which number (ORD-4, REF-2)', () => {
  const model = applied(aPaidOrder({ product: 'saas-by-interface' }));
  const line = { description: '云服务', net: 100_00, taxRate: 0, tax: 0, gross: 100_00 };
  expect(onInvoice(model, 'issueInvoice', { invoiceNumber: '25442000000123456789', lines: [line] })).toBe('ok');
  const call = latest(model, 'productionCall');
  model.effectGaveUp({ instance: call.id, key: call.effects[0]?.key ?? '', exit: 'exhausted' });
  expect([model.only('order')?.value, refundState(model)]).toEqual(['refunding', 'paying']);
  const invoice = () => latest(model, 'invoice');
  expect([invoice().value, waitsForOf(model.registry.of('invoice'), invoice())]).toEqual(['toReverse', ['merchant']]);
  expect(heard(model, 'refundApproved')).toEqual([
    `merchant,operationsManager: An order was refunded after its invoice was issued; reverse the invoice. It is refund ${latest(model, 'refund').number}.`,
  ]);
  expect(onInvoice(model, 'sendInvoice')).toBe('WRONG_STATE');
  model.advance(3 * day);
  expect(invoice().incidents).toMatchObject([{ name: 'reverseDue' }]);
  expect(onInvoice(model, 'returnInvoice', { redLetterNumber: '12345678' })).toBe('ok');
  // what was issued stays as it was: the red letter is a new number beside it
  expect(invoice()).toMatchObject({
    value: 'returned',
    incidents: [],
    context: { invoiceNumber: '25442000000123456789', lines: [line], redLetterNumber: '12345678' },
  });
});
