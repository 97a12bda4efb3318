import { describe, expect, it } from "vitest";
import { bed } from "../protocol/samples";
import { reduce, UNKNOWN_WARD, type BedState } from "../ward/ward";
import { carryOut, freeNumber, swap, type BedChange, type Put } from "./change";

function stateOf(id: string, port: string | null): BedState {
  const given = bed({ id, name: `Bed ${id}`, sensor: { ...bed().sensor, port } });
  const found = reduce(UNKNOWN_WARD, { type: "bed", bed: given }, 0).beds.get(id);
  if (found === undefined) throw new Error("no bed");
  return found;
}

/** A station that refuses the requests with these numbers, counted from 1. */
function station(...refused: number[]) {
  const ports = new Map<string, string | null>([
    ["1", "A"],
    ["2", "B"],
  ]);
  let count = 0;
  const put: Put = (id: string, change: BedChange) => {
    count += 1;
    if (refused.includes(count)) return Promise.resolve("Refused.");
    const taken = [...ports].some(([other, port]) => other !== id && port !== null && port === change.port);
    if (taken) return Promise.resolve("port_taken");
    if (change.port !== undefined) ports.set(id, change.port);
    return Promise.resolve(null);
  };
  return { put, ports };
}

const one = stateOf("1", "A");
const two = stateOf("2", "B");

describe("two beds that change their sensors", () => {
  it("never ask for a port that the other still has", async () => {
    const { put, ports } = station();
    expect(await carryOut(swap(one, two), put)).toBeNull();
    expect([...ports]).toEqual([
      ["1", "B"],
      ["2", "A"],
    ]);
  });

  it("hand one sensor over where the other bed has none", async () => {
    const steps = swap(one, stateOf("2", null));
    expect(steps.map(({ bed: each, change }) => [each.id, change.port])).toEqual([
      ["1", null],
      ["2", "A"],
    ]);
  });

  it("stand as before when a request is refused", async () => {
    for (const refused of [1, 2, 3]) {
      const { put, ports } = station(refused);
      expect(await carryOut(swap(one, two), put)).toBe("Refused. Nothing was changed.");
      expect([...ports]).toEqual([
        ["1", "A"],
        ["2", "B"],
      ]);
    }
  });

  it("are named when one is left without its sensor", async () => {
    const { put } = station(2, 3);
    expect(await carryOut(swap(one, two), put)).toContain("Bed 1 could not be put back");
  });
});

it("a new bed gets the lowest number that is free", () => {
  expect(freeNumber(["1", "3", "window"])).toBe("2");
  expect(freeNumber([])).toBe("1");
});
