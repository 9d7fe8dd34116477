/** Result codes of the production interface that this merchant gives. */
export const codes = {
  success: '000000',
  authentication: '000001',
  parameter: '000002',
  unknownInstance: '000003',
  inProgress: '000004',
  internal: '000005',
} as const;

export type Answer = { resultCode: string; resultMsg: string } & Record<string, unknown>;

export const success = (more: Record<string, unknown> = {}): Answer => ({ resultCode: codes.success, resultMsg: 'success.', ...more });

/** Refuses a call: thrown wherever a rule of the document is broken, answered as its code. */
export class CallRefused extends Error {
  readonly resultCode: string;
  constructor(resultCode: string, message: string) {
    super(message);
    this.name = 'CallRefused';
    this.resultCode = resultCode;
  }
}
