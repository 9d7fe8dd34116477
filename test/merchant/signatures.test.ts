import { expect, test } from 'vitest';
import { aesKey, decrypt, encrypt } from '../../examples/merchant/encryption.ts';
import { bodySign, kitV1Token, v1Token } from '../../examples/merchant/signatures.ts';
import { key } from './marketplace.ts';

test('the example merchant signs and derives keys as the document’s independent vectors say', () => {
  const fields = {
    activity: 'newInstance',
    orderId: 'CS1906666666ABCDE',
    businessId: '03pf80c2bae96vc49b80b917bea776d7',
    testFlag: '1',
    customerName: '测试 a+b&c=d',
    timeStamp: '20170725025113409',
  };
  expect(v1Token(key, fields)).toBe('8IWBVj7DYgOjFrr+vXw5iWnKzdZoylpbOYPZ0aWD5FM=');
  expect(kitV1Token(key, { ...fields, name: '', parentCode: null })).toBe(v1Token(key, fields));
  expect(bodySign(key, '{"resultCode":"000000","resultMsg":"success."}')).toBe(
    'sign_type="HMAC-SHA256", signature= "bfPoWsx9dZrJAhodg/P0oF3Vnm8j/oTvg3Y+KFPJhtc="',
  );
  expect(aesKey(key, '2').toString('hex')).toBe('6059bd67569afc3b6118044ba1679e5a');
  expect(aesKey(key, '1').toString('hex')).toBe('6059bd67569afc3b6118044ba1679e5a155cd3f8586b7bf7110a7e626ff1da49');
});

test('what the marketplace encrypts is read, what was encrypted by another key is not', () => {
  const vectors = { '2': 'abcdefghijklmnop5u80r18O7bVFnK4Z/ma8/Q==', '1': 'abcdefghijklmnoppeyQA30p/qmVdrxgJXatRA==' } as const;
  for (const type of ['1', '2'] as const) {
    expect(encrypt('13800138000', key, type, 'abcdefghijklmnop')).toBe(vectors[type]);
    expect(decrypt(vectors[type], key, type)).toBe('13800138000');
    expect(decrypt(vectors[type], 'another key', type)).not.toBe('13800138000');
  }
});
