/** One line at 6 % that adds up to `gross` minor units (分), with tax. */
export function invoiceLines(gross: number) {
  const net = Math.round(gross / 1.06);
  return [{ description: '软件服务费', net, taxRate: 600, tax: gross - net, gross }];
}
