import { z } from 'zod';
import { storable } from '../db/storable.ts';
import { forms } from '../lifecycles/codes/fields.ts';

/** Text that PostgreSQL can hold, not empty. */
export const text = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((given) => storable(given) === given, forms.wellFormed.en);
