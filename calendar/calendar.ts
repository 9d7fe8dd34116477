import { createRequire } from 'node:module';
import chineseDays from 'chinese-days';
import { DateTime } from 'luxon';
import type { Calendar } from '../lifecycles/spans.ts';

const zone = 'Asia/Shanghai';
const { version } = createRequire(import.meta.url)('chinese-days/package.json') as { version: string };

/** TIM-1: the Chinese working-day calendar with its holidays and make-up days, Asia/Shanghai. */
export const shanghai: Calendar = {
  version: `chinese-days@${version}`,
  addWorkingDays(from, n) {
    let day = DateTime.fromMillis(from, { zone });
    for (let left = n; left > 0; ) {
      day = day.plus({ days: 1 });
      if (chineseDays.isWorkday(day.toFormat('yyyy-MM-dd'))) left -= 1;
    }
    return day.toMillis();
  },
  addMonths: (from, n) => DateTime.fromMillis(from, { zone }).plus({ months: n }).toMillis(),
};
