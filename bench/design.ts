/** One way to keep orders, as a client sees it: the same order, the same commands. */
export type Design = {
  name: string;
  place(): Promise<PlacedOrder>;
  pay(order: PlacedOrder): Promise<void>;
  deliver(order: PlacedOrder): Promise<void>;
  accept(order: PlacedOrder): Promise<void>;
  /** What was placed has left nothing to do that would run beside what is measured next. */
  settled?(): Promise<void>;
  /** What a round left to be done after it, in words. */
  left?(): Promise<string>;
};

export type PlacedOrder = { id: string; number: string; supervision?: string; file: string };

/** What every design is given for an order: a one-time purchase of a supervised SaaS product, without 华为云复核. */
export const purchase = { product: 'saas-activated', amount: 300_000, means: 'balance' } as const;
