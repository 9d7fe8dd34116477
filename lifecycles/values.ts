import { z } from 'zod';

/** An instant of the family's clock in epoch milliseconds, to the end of the year 9999; people and the API see a date and time. */
export const instant = z.number().min(0).max(253_402_300_799_999).meta({ scalar: 'DateTime' });

/** BIL-8: money as an integer of minor units (分); larger than a GraphQL Int may be. */
export const minorUnits = z.number().int().meta({ scalar: 'MinorUnits' });
