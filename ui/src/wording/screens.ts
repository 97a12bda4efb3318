/** How the screens of a station are told. */

import type { Client } from "../protocol/clients";
import { dateAndSecond } from "./numbers";

/** Whether alarms are heard there. */
export const armament = ({ armed }: Client): string =>
  armed ? "Armed: it sounds alarms" : "Not armed: no sound there";

/** How far away it is. */
export const latency = ({ latency_ms }: Client): string =>
  latency_ms === null ? "delay not measured" : `${Math.round(latency_ms)} ms there and back`;

/** A screen that is missed. */
export const lostInWords = ({ gone_since }: Client): string =>
  `It sounded alarms and is gone${gone_since === null ? "" : ` since ${dateAndSecond(gone_since)}`}. Go and look: ` +
  "its battery, its network, its page.";
