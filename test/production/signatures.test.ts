import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decrypt as merchantDecrypts } from '../../examples/merchant/encryption.ts';
import { aesKey, decrypt, encrypt } from '../../production/signatures/encryption.ts';
import { bodySignature, checkBodySign, kitV1Fields, v1Data, v1Token } from '../../production/signatures/v1.ts';
import { kitV2Signature, v2Signature } from '../../production/signatures/v2.ts';

const key = '00000000-0000-4000-8000-000000000001';
const success = '{"resultCode":"000000","resultMsg":"success."}';

test('V1 tokens, answers’ signatures and derived keys are those of the document’s independent vectors (PRD-1)', () => {
  const fields = {
    activity: 'newInstance',
    orderId: 'CS1906666666ABCDE',
    businessId: '03pf80c2bae96vc49b80b917bea776d7',
    testFlag: '1',
    customerName: '测试 a+b&c=d',
    timeStamp: '20170725025113409',
  };
  expect(v1Token(key, fields)).toBe('8IWBVj7DYgOjFrr+vXw5iWnKzdZoylpbOYPZ0aWD5FM=');
  expect(v1Token(key, { ...fields, authToken: 'left out' })).toBe(v1Token(key, fields));
  expect(bodySignature(key, success)).toBe('bfPoWsx9dZrJAhodg/P0oF3Vnm8j/oTvg3Y+KFPJhtc=');
  expect(Buffer.from(aesKey(key, '2')).toString('hex')).toBe('6059bd67569afc3b6118044ba1679e5a');
  expect(Buffer.from(aesKey(key, '1')).toString('hex')).toBe('6059bd67569afc3b6118044ba1679e5a155cd3f8586b7bf7110a7e626ff1da49');
});

test.each([
  ['2', 'abcdefghijklmnop5u80r18O7bVFnK4Z/ma8/Q=='],
  ['1', 'abcdefghijklmnoppeyQA30p/qmVdrxgJXatRA=='],
] as const)('encryptType %s gives and opens the document’s vector', (type, vector) => {
  expect(encrypt('13800138000', { key, type, iv: 'abcdefghijklmnop' })).toBe(vector);
  expect(decrypt(vector, { key, type })).toBe('13800138000');
  for (const broken of ['', 'short', vector.slice(0, -4), vector.slice(0, 20)]) expect(decrypt(broken, { key, type })).toBeNull();
});

test('whatever we encrypt, a merchant who wrote his own reads', () => {
  const types = fc.constantFrom('1' as const, '2' as const);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ minLength: 1 }), types, (text, secret, type) => {
      expect(merchantDecrypts(encrypt(text, { key: secret, type }), secret, type)).toBe(text);
    }),
    { numRuns: 50 },
  );
});

test('V2 signs over the body’s own HMAC, Kit V2 over the body itself', () => {
  const signed = { nonce: 'n-1', timestamp: '1795258800000', body: '{"activity":"queryInstance","instanceId":"i-1"}' };
  // the merchants' page computes the first with nothing but node:crypto
  expect(v2Signature(key, signed)).toBe('73f622315076a68d07fde665052d48a2429bfeb0919ea1b57b5e3676684ca999');
  expect(kitV2Signature(key, signed)).not.toBe(v2Signature(key, signed));
});

test('Kit V1 leaves blank fields out and signs lists as their JSON text', () => {
  expect(v1Data(kitV1Fields({ name: '总部', parentCode: '', memo: ' ', gone: null, flag: 0, list: [{ a: 1 }] }))).toBe('flag=0&list=[{"a":1}]&name=总部');
});

const right = bodySignature(key, success);
test.each([
  [`sign_type="HMAC-SHA256", signature= "${right}"`, 'right'],
  [`sign_type="HMAC-SHA256",signature="${right}"`, 'right'],
  [`signature="${right}", sign_type="HMAC-SHA256"`, 'right'],
  [`sign_type=HMAC-SHA256,signature=${right}`, 'right'],
  [`Sign_Type="HMAC-SHA256", Signature="${right.replace('=', '')}"`, 'right'],
  [right, 'right'],
  [`sign_type="HMAC-SHA256", signature= "${bodySignature(`${key}?`, success)}"`, 'wrong'],
  [`sign_type="HMAC-SHA256", signature="eA=="`, 'wrong'],
  ['sign_type="HMAC-SHA256"', 'unreadable'],
  ['', 'missing'],
  [undefined, 'missing'],
] as const)('Body-Sign %s is read leniently: %s', (header, expected) => {
  expect(checkBodySign(header, { key, body: success })).toBe(expected);
});
