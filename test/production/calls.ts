import type { CallInput, Endpoint } from '../../production/call.ts';

export const key = '00000000-0000-4000-8000-000000000001';

export const aPurchase = (orderNumber: string, more: Partial<Extract<CallInput, { activity: 'newInstance' }>> = {}): CallInput => ({
  activity: 'newInstance',
  orderNumber,
  product: 'P-1',
  sku: 'SKU-1',
  buyer: { id: 'C-1', name: '示例买家甲', mobile: '13800138000', email: 'buyer@buyer.example' },
  period: { unit: 'year', count: 1 },
  expiresAt: Date.UTC(2027, 10, 21),
  amount: 120_000,
  quantity: 1,
  ...more,
});

export const endpointAt = (url: string, more: Partial<Endpoint> = {}): Endpoint => ({ generation: 'V1', url, key, ...more });
