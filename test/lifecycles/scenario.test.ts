import { expect, test } from 'vitest';
import { messageOf } from '../../lifecycles/problem.ts';
import { wayNames } from '../../lifecycles/supervision/ways.ts';
import { createModel } from './drive.ts';
import { said, send } from './stories.ts';
import { productOf } from './ways.ts';

const placing = (product: string, scenario: string) => send(createModel(), 'placeOrder', { input: { product, scenario, period: { unit: 'month', count: 1 } } });

test('a scenario is taken where the way of delivery has a review; a package and an unknown scenario are refused by the field (SUP-2)', () => {
  const table = wayNames.map((way) => [
    way,
    ...['none', 'empowermentCloud', 'baseCloud', 'otherCloud'].map((scenario) => said(placing(productOf[way], scenario))),
  ]);
  expect(table.map((row) => row.join(' '))).toMatchInlineSnapshot(`
    [
      "saas ok ok ok INVALID",
      "humanService ok ok ok INVALID",
      "licenseOnlineCode ok ok ok INVALID",
      "licenseOnline ok ok ok INVALID",
      "licenseOffline ok ok ok INVALID",
      "softwarePackage ok INVALID INVALID INVALID",
    ]
  `);
});

test('the refusal says by field, in both languages, what was expected, what came and why (SUP-2)', () => {
  const answer = placing(productOf.softwarePackage, 'baseCloud');
  expect(answer).toMatchObject({ ok: false, problem: { kind: 'Invalid', fields: [{ path: 'scenario' }] } });
  expect(answer.ok ? null : messageOf(answer.problem)).toMatchInlineSnapshot(`
    {
      "en": "The input is not valid: scenario: Product software-package is delivered by Package deployment (deployment, buyer confirms that it is done), which has no review, so it takes no scenario: expected none, got baseCloud (SUP-2). Correct it and send it again.",
      "zh": "输入有误：scenario: “Product software-package”按“软件包部署”交付（部署→买家确认完成），没有华为云复核，不适用场景 baseCloud；请改为 none（SUP-2）。请更正后重试。",
    }
  `);
});
