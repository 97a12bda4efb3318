import { describe, expect, it } from "vitest";
import { socketAddress } from "./address";

const tablet = { base: "https://ward:8751", wsBase: "wss://ward:8751", token: null, window: false };

describe("the address of the stream", () => {
  it("asks for waves and views, and resumes after the last number read", () => {
    expect(socketAddress(tablet, null).url).toBe("wss://ward:8751/ws?waves=1&views=1");
    expect(socketAddress(tablet, { epoch: "0f6c", seq: 1041 }).url).toBe(
      "wss://ward:8751/ws?waves=1&views=1&since=0f6c:1041",
    );
  });

  it("shows the token as a subprotocol and never in the address", () => {
    const address = socketAddress({ ...tablet, token: "secret", window: true }, null);
    expect(address.protocols).toEqual(["oxiward.v1", "oxiward.bearer.secret"]);
    expect(address.url).not.toContain("secret");
  });
});
