/**
 * The seconds of a fetched recording as a chart draws them.
 *
 * Apart from the trend's own points on purpose: a recording is from the sensor's memory and is never mixed into what
 * the station saw at the bed.
 */

import type { RecordedSecond } from "../protocol/recordings";
import type { Columns } from "../trend/series";

/**
 * The columns of one number.
 *
 * @param begin seconds at which the recording starts; 0 where its start is not known
 */
export function curveOf(
  samples: readonly RecordedSecond[],
  measure: "spo2" | "pulse_rate",
  begin: number,
): Columns {
  const result: Columns = { x: [], mean: [], min: [], max: [] };
  const put = (offset: number, value: number | null) => {
    result.x.push(begin + offset);
    result.mean.push(value);
    result.min.push(value);
    result.max.push(value);
  };
  let before: number | null = null;
  for (const sample of samples) {
    // The station sends every second; one that is left out all the same breaks the line as well.
    if (before !== null && sample.offset_s > before + 1) put(before + 1, null);
    put(sample.offset_s, sample[measure]);
    before = sample.offset_s;
  }
  return result;
}
