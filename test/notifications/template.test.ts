import { expect, test } from 'vitest';
import type { About } from '../../lifecycles/notice.ts';
import { render, type Told } from '../../notifications/template.ts';
import { oneLine, plain } from '../../notifications/text.ts';

const about: About = {
  record: { zh: '服务监管', en: 'Service supervision' },
  state: { zh: '待验收', en: 'Awaiting acceptance' },
  waitsFor: ['buyer'],
  due: Date.parse('2026-12-05T08:00:00Z'),
  reason: null,
};
const aMessage = (more: Partial<Told> = {}): Told => ({
  text: { zh: '商家已提交交付验收件。', en: 'The merchant has handed in the acceptance document.' },
  about,
  toRole: 'buyer',
  at: Date.parse('2026-11-21T08:00:00Z'),
  number: 'SV-2026-000101',
  orderNumber: 'OR-2026-000100',
  product: '协同办公 SaaS',
  ...more,
});

test('a message says which order and product, the state, who must act until when, and where to go on (NOT-1, SUP-11)', () => {
  const { subject, text, short } = render(aMessage(), 'en', 'https://console.example/');
  expect(`${subject}\n\n${text}\n${short}`).toMatchInlineSnapshot(`
    "[Marketplace] OR-2026-000100 The merchant has handed in the acceptance document

    The merchant has handed in the acceptance document. It is for you to act.

    Order: OR-2026-000100
    Product: 协同办公 SaaS
    Service supervision: SV-2026-000101
    State: Awaiting acceptance
    Who must act: Buyer
    Until: 2026-12-05 16:00 (Beijing time)
    Time: 2026-11-21 16:00 (Beijing time)

    Open it: https://console.example/records/SV-2026-000101

    -- 
    This message was sent automatically; do not reply. Change who gets it under “message receivers”.

    【Marketplace】OR-2026-000100 The merchant has handed in the acceptance document https://console.example/records/SV-2026-000101"
  `);
  expect(render(aMessage(), 'zh', null)).toMatchInlineSnapshot(`
    {
      "html": "<!doctype html>
    <html lang="zh-CN"><head><meta charset="utf-8"><title>OR-2026-000100 商家已提交交付验收件</title></head>
    <body style="font:15px/1.6 sans-serif;color:#1b1b1b;max-width:40em">
    <p><strong>商家已提交交付验收件。</strong> 需要您处理。</p>
    <table style="border-collapse:collapse">
    <tr><th style="text-align:left;padding:2px 16px 2px 0;font-weight:normal;color:#666">订单</th><td>OR-2026-000100</td></tr>
    <tr><th style="text-align:left;padding:2px 16px 2px 0;font-weight:normal;color:#666">商品</th><td>协同办公 SaaS</td></tr>
    <tr><th style="text-align:left;padding:2px 16px 2px 0;font-weight:normal;color:#666">服务监管</th><td>SV-2026-000101</td></tr>
    <tr><th style="text-align:left;padding:2px 16px 2px 0;font-weight:normal;color:#666">当前状态</th><td>待验收</td></tr>
    <tr><th style="text-align:left;padding:2px 16px 2px 0;font-weight:normal;color:#666">待处理方</th><td>买家</td></tr>
    <tr><th style="text-align:left;padding:2px 16px 2px 0;font-weight:normal;color:#666">处理期限</th><td>2026-12-05 16:00（北京时间）</td></tr>
    <tr><th style="text-align:left;padding:2px 16px 2px 0;font-weight:normal;color:#666">时间</th><td>2026-11-21 16:00（北京时间）</td></tr>
    </table>


    <p style="color:#666">本消息由系统自动发送，请勿回复。接收人可在“消息接收人”中修改。</p>
    </body></html>
    ",
      "short": "【云商店】OR-2026-000100 商家已提交交付验收件",
      "subject": "[云商店] OR-2026-000100 商家已提交交付验收件",
      "text": "商家已提交交付验收件。 需要您处理。

    订单: OR-2026-000100
    商品: 协同办公 SaaS
    服务监管: SV-2026-000101
    当前状态: 待验收
    待处理方: 买家
    处理期限: 2026-12-05 16:00（北京时间）
    时间: 2026-11-21 16:00（北京时间）

    -- 
    本消息由系统自动发送，请勿回复。接收人可在“消息接收人”中修改。
    ",
    }
  `);
});

test('only whom the record waits for is asked to act, and a deadline of the machine is nobody’s', () => {
  expect(render(aMessage({ toRole: 'merchant' }), 'en', null).text).not.toContain('for you to act');
  const byItself = render(aMessage({ about: { ...about, waitsFor: ['system'] } }), 'en', null);
  expect(byItself.text).not.toMatch(/Until|Who must act/);
});

const hostile = `好\r\nBcc: everyone@example.com\r\n\r\n<script>alert(1)</script>\u0000\u001b[31m\u202egnp.exe\u200b"'& -- \n> fake\u2028end`;

test('a hostile reason stays text: no header, no markup, no control or invisible character, every line marked', () => {
  const { subject, text, html, short } = render(
    aMessage({ about: { ...about, reason: hostile }, product: hostile, number: hostile }),
    'zh',
    'https://c.example',
  );
  for (const header of [subject, short]) expect(header).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  expect(subject).not.toContain('Bcc');
  expect(text + html).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  expect(html).not.toContain('<script');
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  const quoted = text.slice(text.indexOf('填写的原因')).split('\n').slice(1, 8);
  expect(quoted).toMatchInlineSnapshot(`
    [
      "> 好",
      "> Bcc: everyone@example.com",
      "> ",
      "> <script>alert(1)</script>  [31m gnp.exe "'& --",
      "> > fake",
      "> end",
      "",
    ]
  `);
});

test('a reason of 2,000 characters is told whole, a longer subject is cut between characters', () => {
  const reason = '因'.repeat(2_000);
  expect(render(aMessage({ about: { ...about, reason } }), 'zh', null).text).toContain(reason);
  const { subject, short } = render(aMessage({ text: { zh: '👩‍💻'.repeat(400), en: '' }, orderNumber: 'OR-1' }), 'zh', 'https://console.example');
  expect(subject.length).toBeLessThanOrEqual(150);
  expect(subject.isWellFormed()).toBe(true);
  expect(short.length).toBeLessThanOrEqual(200);
  expect(short).toMatch(/ https:\/\/console\.example\/records\/SV-2026-000101$/);
});

test('text of any kind comes out on one line, or on its own lines, and well-formed', () => {
  expect(oneLine('a\r\nb\u0085c\u2029d\te\ud800', 100)).toBe('a b c d e\ufffd');
  expect(plain('a\r\n\r\n\r\n\r\nb  \rc', 100)).toBe('a\n\nb\nc');
});
