/** The address of the station's WebSocket, and how this screen shows who it is. */

import type { StationLink } from "../host";
import type { Place } from "./bookmark";

/** What `new WebSocket` takes. */
export interface SocketAddress {
  readonly url: string;
  readonly protocols: readonly string[];
}

/**
 * Asks for every bed with its waves and its whole view, from `place` on if there is one.
 *
 * The token goes into the offered subprotocols: a browser cannot set headers on a WebSocket, and an address with
 * a token in it would end in logs.
 */
export function socketAddress(link: StationLink, place: Place | null): SocketAddress {
  const since = place === null ? "" : `&since=${encodeURIComponent(place.epoch)}:${place.seq}`;
  return {
    url: `${link.wsBase}/ws?waves=1&views=1${since}`,
    protocols: link.token === null ? ["oxiward.v1"] : ["oxiward.v1", `oxiward.bearer.${link.token}`],
  };
}
